"""The command line of ``dde``: its subcommands, and how they end."""

import io
import os
import sys
from collections.abc import Sequence

import click

import dde
from dde.command.batch import batch
from dde.command.compare import compare
from dde.inspection.presets import presets


def run(arguments: Sequence[str]) -> int:
    """Carries out a command line and returns the exit status; every failure becomes a sentence."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # for the names of files
    try:
        with commands.make_context("dde", list(arguments) or ["--help"]) as context:
            status = commands.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as finished:
        return finished.exit_code
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        _discard_output()
        return 0
    except KeyboardInterrupt:
        return 130
    except click.ClickException as error:
        problem = error.format_message()
    except MemoryError:
        problem = "the images need more memory than there is."
    except OSError as error:
        _discard_output()
        problem = f"standard output cannot be written ({error.strerror})."
    else:
        return int(status or 0)
    print("dde:", " ".join(problem.splitlines()), file=sys.stderr)
    return 2


def _discard_output() -> None:
    """Lets Python write to nowhere what it still holds for a standard output that is gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group()
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
    for name, preset in presets().items():
        factors = "".join(f", {factor} = {value:g}" for factor, value in preset.factors.items())
        click.echo(f"{name}\n  {preset.metric}{factors}: {', '.join(preset.rules)}")
        click.echo(f"  {preset.note}\n  Source: {preset.source}\n")


commands.add_command(compare)
commands.add_command(batch)
