"""Failures as sentences."""

import math
import os
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from dde.command.signals import cleaning_up
from dde.errors import MissingPackageError
from dde.host import pass_on
from dde.wording import named
from dde.writing import check_outputs


@contextmanager
def reading() -> Iterator[None]:
    """Turns what is wrong with the inputs into a sentence."""
    try:
        yield
    except (ValueError, TypeError, MissingPackageError) as error:
        pass_on(error)
        raise click.ClickException(f"{_by_option(str(error))}.") from error
    except OSError as error:
        pass_on(error)
        raise click.ClickException(f"{_by_option(of_the_system(error))}.") from None


def _by_option(sentence: str) -> str:
    """
    What a function says of an argument, or of a path, said of the option by which it was given.

    Options are called as the arguments are that they become.
    """
    context = click.get_current_context(silent=True)
    if context is None:
        return sentence
    for option in context.command.params:
        name = str(option.name)
        given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if not given or not isinstance(option, click.Option):
            continue
        if sentence.startswith(f"{name} "):
            return f"{_called(option)}{sentence.removeprefix(name)}"
        value = context.params.get(name)
        if isinstance(value, (str, Path)) and sentence.startswith((f"{value} ", f"{value}: ")):
            return f"{_called(option)} {sentence}"
    return sentence


@contextmanager
def writing(option: str, path: Path) -> Iterator[None]:
    """Turns a failure to write a file into a sentence."""
    try:
        with cleaning_up():
            yield
    except OSError as error:
        pass_on(error)
        raise click.ClickException(
            f"{option} {path} cannot be written ({error.strerror or error}); it must be in a "
            "folder that exists and that you may write to."
        ) from None


class _Path(click.Path):
    """A path; an empty one, as of a variable that is not set, would be the current folder."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        if value == "":
            raise click.ClickException(f"{_called(param)} is empty; give a path.")
        return super().convert(value, param, ctx)


class _OutputFile(_Path):
    """The path of a file to be written; what ends in a slash names a folder."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        if isinstance(value, str) and value.endswith(os.sep):
            raise click.ClickException(f"{_called(param)} {value} names a folder; give a file.")
        return super().convert(value, param, ctx)


def _called(parameter: click.Parameter | None) -> str:
    if isinstance(parameter, click.Argument):
        return parameter.human_readable_name
    return parameter.opts[0] if parameter else "path"


class _Name(click.types.StringParamType):
    """A text; an empty one, as of a variable that is not set, names nothing."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value == "":
            raise click.ClickException(f"{_called(param)} is empty; give a value.")
        return str(super().convert(value, param, ctx))


class NumberRange(click.FloatRange):
    """A number within a range; NaN, which is not beyond it either, is none."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        number = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value} is no number.", param, ctx)
        return number


PATH = _Path(path_type=Path)
OUTPUT_FILE = _OutputFile(path_type=Path)
NAME = _Name()


def one_of(names: Collection[str]) -> Callable[..., str | None]:
    """The callback of an option that takes one of these names, in any case."""

    def check(context: click.Context, parameter: click.Parameter, text: str | None) -> str | None:
        try:
            return None if text is None else named(text, names, _called(parameter))
        except ValueError as error:
            raise click.ClickException(f"{error}.") from None

    return check


def refuse_overwriting(
    outputs: Iterable[tuple[str, Path]], inputs: Iterable[str | os.PathLike[str] | int]
) -> None:
    """Refuses to write to a file that is read, or twice to one, also by standard output."""
    read = (path if isinstance(path, int) else Path(path) for path in inputs)
    try:
        check_outputs(outputs, read, written_to=[1])
    except ValueError as error:
        raise click.ClickException(f"{error}.") from None
    except OSError as error:
        raise click.ClickException(
            f"{error.filename} cannot be written ({error.strerror})."
        ) from None


def of_the_system(error: OSError) -> str:
    """What the operating system refused, in words."""
    reason = error.strerror or str(error)
    return f"{error.filename} cannot be read ({reason})" if error.filename else reason


def of_dde(error: Exception) -> str:
    """A failure that nobody thought of, which is never to be taken for a verdict."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"this should not happen, please report it: {type(error).__name__} in "
        f"{os.path.basename(place.filename)}, line {place.lineno} ({error})."
    )
