"""The packages that only some of the work needs: an extra for each kind, asked for by its name."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from types import CodeType, FrameType, ModuleType

from dde.errors import MissingPackageError
from dde.host import pass_on
from dde.wording import in_a_line


@contextmanager
def asking_for(extra: str | None, work: str) -> Iterator[None]:
    """
    Says what needs a package that is not there or cannot be imported, and how it is installed.

    Parameters
    ----------
    extra : str or None
        One of those in pyproject.toml; None for what all of the work needs.
    work : str
        What needs it.

    Raises
    ------
    MissingPackageError
        If what is within, which must be imports alone, fails at a package of others. They name what
        is used of it, since of a package that is gone but for its folder all else can be imported.

    Examples
    --------
    >>> with asking_for("zarr", "it"):
    ...     import absent
    Traceback (most recent call last):
    dde.errors.MissingPackageError: it needs absent; install it with: pip install "deepdeltae[zarr]"
    """
    try:
        yield
    except (MissingPackageError, MemoryError, KeyboardInterrupt):
        raise
    except BaseException as error:  # packages fail in any way: at a library, or end the process
        pass_on(error)
        if missing := _not_installed(error):
            name = f'"deepdeltae[{extra}]"' if extra else "deepdeltae"
            raise MissingPackageError(
                f"{work} needs {missing}; install it with: pip install {name}"
            ) from None
        raise MissingPackageError(f"{work} needs {unusable(error)}") from error


def unusable(error: BaseException) -> str:
    """A package that is there and cannot be imported, as the error says; why, and what to do."""
    from importlib.metadata import packages_distributions  # takes long to import

    package = _at_fault(error)
    name, distribution = PACKAGES.get(package, (package, package))
    distribution = packages_distributions().get(package, [distribution])[0]
    return (
        f"{name}, which is there and cannot be imported ({in_a_line(error)}); "
        f"install it again with: pip install --force-reinstall {distribution}"
    )


def _not_installed(error: BaseException) -> str | None:
    """The package that is not there at all; None if what is not is a part of one, or of Python."""
    name = (isinstance(error, ModuleNotFoundError) and error.name) or ""
    package, _, part = name.partition(".")
    if not package or package in sys.stdlib_module_names or (part and _is_there(package)):
        return None
    return PACKAGES.get(package, (package, ""))[0]


def _is_there(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ValueError:  # None stands in its place, as some programs have it
        return False


def _at_fault(error: BaseException) -> str:
    """The package whose import failed: the first on the way there that is none of ours."""
    modules = []
    for frame, instruction in _way(error):
        modules += [frame.f_globals.get("__name__", ""), _imported(frame.f_code, instruction)]
    modules.append(_named(error))
    for module in modules:
        package = str(module).partition(".")[0]
        if package and package != "dde" and package not in sys.stdlib_module_names:
            return package
    raise error


def _way(error: BaseException) -> Iterator[tuple[FrameType, int]]:
    """Where an error was raised, from outside in: frames, and the instruction of each."""
    place = error.__traceback__
    while place:
        yield place.tb_frame, place.tb_lasti
        place = place.tb_next


def _imported(code: CodeType, place: int) -> str:
    """The module that an instruction imports: of one that Python cannot read nothing else tells."""
    import dis  # takes long to import

    for instruction in dis.get_instructions(code):
        if instruction.offset == place and instruction.opname == "IMPORT_NAME":
            return str(instruction.argval)
    return ""


def _named(error: BaseException) -> str:
    """The module that an error names: that which is not found, or that which lacks something."""
    module = error.obj if isinstance(error, AttributeError) else None
    name = module.__name__ if isinstance(module, ModuleType) else None
    return (error.name if isinstance(error, ImportError) else name) or ""


# Where the name of a module is neither that of its package nor what pip calls it.
PACKAGES = {
    "PIL": ("Pillow", "Pillow"),
    "colour_cxf": ("colour-cxf", "colour-cxf"),
    "cv2": ("OpenCV", "opencv-python-headless"),
}
