"""The packages that only some of the work needs: an extra for each kind, asked for by its name."""

from collections.abc import Iterator
from contextlib import contextmanager

from dde.errors import MissingPackageError


@contextmanager
def asking_for(extra: str, work: str) -> Iterator[None]:
    """
    Says what needs a package that is not there, and how it is installed.

    Parameters
    ----------
    extra : str
        One of those in pyproject.toml.
    work : str
        What needs it.

    Raises
    ------
    MissingPackageError
        If an import within finds that a package of others is not installed.

    Examples
    --------
    >>> with asking_for("zarr", "it"):
    ...     import absent
    Traceback (most recent call last):
    dde.errors.MissingPackageError: it needs absent; install it with: pip install "deepdeltae[zarr]"
    """
    try:
        yield
    except MissingPackageError:
        raise
    except ModuleNotFoundError as missing:
        package = (missing.name or "").partition(".")[0]
        raise MissingPackageError(
            f"{work} needs {PACKAGES.get(package, package)}; install it with: "
            f'pip install "deepdeltae[{extra}]"'
        ) from None


# Where the name of a module is not that of its package.
PACKAGES = {"PIL": "Pillow", "colour_cxf": "colour-cxf", "cv2": "OpenCV"}
