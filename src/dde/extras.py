"""The packages that only some of the work needs: an extra for each kind, asked for by its name."""

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from dde.errors import MissingPackageError
from dde.host import pass_on
from dde.wording import in_a_line


@contextmanager
def asking_for(extra: str, work: str) -> Iterator[None]:
    """
    Says what needs a package that is not there or cannot be imported, and how it is installed.

    Parameters
    ----------
    extra : str
        One of those in pyproject.toml.
    work : str
        What needs it.

    Raises
    ------
    MissingPackageError
        If what is within, which must be imports alone, fails at a package of others.

    Examples
    --------
    >>> with asking_for("zarr", "it"):
    ...     import absent
    Traceback (most recent call last):
    dde.errors.MissingPackageError: it needs absent; install it with: pip install "deepdeltae[zarr]"
    """
    try:
        yield
    except (MissingPackageError, MemoryError):
        raise
    except Exception as error:  # packages fail in any way: at a library, at another version of one
        pass_on(error)
        if missing := _not_installed(error):
            raise MissingPackageError(
                f'{work} needs {missing}; install it with: pip install "deepdeltae[{extra}]"'
            ) from None
        raise MissingPackageError(f"{work} needs {unusable(error)}") from error


def unusable(error: Exception) -> str:
    """A package that is there and cannot be imported, as the error says; why, and what to do."""
    from importlib.metadata import packages_distributions  # takes long to import

    package = _at_fault(error)
    distribution = packages_distributions().get(package, [package])[0]
    return (
        f"{PACKAGES.get(package, package)}, which is there and cannot be imported "
        f"({in_a_line(error)}); install it again with: pip install --force-reinstall {distribution}"
    )


def _not_installed(error: Exception) -> str | None:
    """The package that is not there at all; None if what is not is a part of one, or of Python."""
    name = (isinstance(error, ModuleNotFoundError) and error.name) or ""
    package, _, part = name.partition(".")
    if not package or package in sys.stdlib_module_names or (part and _is_there(package)):
        return None
    return PACKAGES.get(package, package)


def _is_there(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ValueError:  # None stands in its place, as some programs have it
        return False


def _at_fault(error: Exception) -> str:
    """The package whose import failed: the first on the way there that is none of ours."""
    modules = [
        frame.f_globals.get("__name__", "") for frame, _ in traceback.walk_tb(error.__traceback__)
    ]
    for module in (*modules, getattr(error, "name", None) or ""):
        package = str(module).partition(".")[0]
        if package and package != "dde" and package not in sys.stdlib_module_names:
            return package
    raise error


# Where the name of a module is not that of its package.
PACKAGES = {"PIL": "Pillow", "colour_cxf": "colour-cxf", "cv2": "OpenCV"}
