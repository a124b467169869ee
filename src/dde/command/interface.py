"""The command line of ``dde``: its subcommands, and how they end."""

import contextlib
import io
import sys
from collections.abc import Sequence

import click

import dde
from dde.command.batch import batch
from dde.command.calibrate import calibrate
from dde.command.compare import compare
from dde.command.failures import of_dde, of_the_system
from dde.command.learn import learn
from dde.command.patches import patches
from dde.command.streams import complain, say
from dde.inspection.presets import presets


def run(arguments: Sequence[str]) -> int:
    """Carries out a command line and returns the exit status; every failure becomes a sentence."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # for the names of files
    try:
        with commands.make_context("dde", list(arguments) or ["--help"]) as context:
            return int(commands.invoke(context) or 0)
    except click.exceptions.Exit as finished:
        return finished.exit_code
    except click.ClickException as error:
        complain(error.format_message())
    except MemoryError:
        complain("the images need more memory than there is.")
    except OSError as error:
        complain(f"{of_the_system(error)}.")
    except Exception as error:
        complain(of_dde(error))
    return 2


@click.group()
@click.version_option(dde.__version__, message="dde %(version)s")
def commands() -> None:
    """Measures how different two images look, as colour differences (Delta E)."""


@commands.command()
def info() -> None:
    """Prints the version, the instruction set in use and the number of threads."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        dde.show_config()
    say(text.getvalue().rstrip("\n"))


@commands.command("presets")
def list_presets() -> None:
    """Lists the published tolerances that --preset takes, with their sources."""
    for name, preset in presets().items():
        factors = "".join(f", {factor} = {value:g}" for factor, value in preset.factors.items())
        say(f"{name}\n  {preset.metric}{factors}: {', '.join(preset.rules)}")
        say(f"  {preset.note}\n  Source: {preset.source}\n")


commands.add_command(compare)
commands.add_command(batch)
commands.add_command(calibrate)
commands.add_command(learn)
commands.add_command(patches)
