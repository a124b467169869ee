"""The command line of ``dde``: its subcommands, and how they end."""

import contextlib
import io
import sys
from collections.abc import Sequence
from importlib import import_module

import click

import dde
from dde.command.failures import of_dde, of_the_system
from dde.command.streams import complain, say
from dde.errors import MissingPackageError
from dde.host import pass_on

# What the list of commands says of those that are imported when they are asked for, since that
# takes longer than the list.
LATER = {
    "batch": "Compares every image of FOLDER with REFERENCE, or the pairs of a table.",
    "calibrate": "Fits a camera to CHART, a photograph of a colour chart, for the least colour "
    "difference.",
    "compare": "Compares SAMPLE with REFERENCE, pixel by pixel, and sums up how far their colours "
    "differ.",
    "learn": "Learns from the images of FOLDER, all of them good, how much each pixel varies.",
    "patches": "Compares the patches of SAMPLE with those of the same name in REFERENCE, and "
    "judges them.",
}


class Commands(click.Group):
    """The commands that are here, and those of `LATER`."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted({*self.commands, *LATER})

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in LATER:
            return super().get_command(context, name)
        found: click.Command = getattr(import_module(f"dde.command.{name}"), name)
        return found

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        width = formatter.width - 6 - max(map(len, self.list_commands(context)))
        rows = []
        for name in self.list_commands(context):
            command = (
                click.Command(name, help=LATER[name]) if name in LATER else self.commands[name]
            )
            rows.append((name, command.get_short_help_str(width)))
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def run(arguments: Sequence[str]) -> int:
    """Carries out a command line and returns the exit status; every failure becomes a sentence."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # for the names of files
    try:
        status, text = _carried_out(list(arguments) or ["--help"])
        say(text)
        return status
    except click.ClickException as error:
        complain(error.format_message())
    except MissingPackageError as error:
        complain(f"{error}.")
    except MemoryError:
        complain("the images need more memory than there is.")
    except OSError as error:
        pass_on(error)
        complain(f"{of_the_system(error)}.")
    except Exception as error:
        pass_on(error)
        complain(of_dde(error))
    return 2


def _carried_out(arguments: list[str]) -> tuple[int, str]:
    """The exit status and all that is to be printed, help and version too, which click prints."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        try:
            with commands.make_context("dde", arguments) as context:
                status = int(commands.invoke(context) or 0)
        except click.exceptions.Exit as finished:
            status = finished.exit_code
    return status, text.getvalue()


@click.group(cls=Commands)
@click.version_option(dde.__version__, message="dde %(version)s")
def commands() -> None:
    """Measures how different two images look, as colour differences (Delta E)."""


@commands.command()
def info() -> None:
    """Prints the version, the instruction set in use and the number of threads."""
    dde.show_config()


@commands.command("presets")
def list_presets() -> None:
    """Lists the published tolerances that --preset takes, with their sources."""
    from dde.inspection.presets import presets  # takes longer to import than all of this file

    for name, preset in presets().items():
        factors = "".join(f", {factor} = {value:g}" for factor, value in preset.factors.items())
        print(f"{name}\n  {preset.metric}{factors}: {', '.join(preset.rules)}")
        print(f"  {preset.note}\n  Source: {preset.source}\n")
