"""What is said when an image cannot be read, whoever read it."""

from collections.abc import Iterator
from contextlib import contextmanager

from dde.errors import ImageFileError, MissingPackageError
from dde.extras import unusable
from dde.host import pass_on
from dde.wording import in_a_line

ACCEPTED = "PNG, JPEG, WebP, BMP and TIFF files, .npy files and zarr arrays are accepted"


@contextmanager
def complaining(subject: str, accepted: str = ACCEPTED) -> Iterator[None]:
    """Turns whatever a reader raises into a sentence that begins with what it read."""
    try:
        yield
    except MissingPackageError as error:
        raise MissingPackageError(f"{subject}: {error}") from None
    except ImportError as error:  # which some packages put off until they are used
        pass_on(error)
        raise MissingPackageError(f"{subject}: it needs {unusable(error)}") from error
    except MemoryError:
        raise
    except ImageFileError as error:
        raise ImageFileError(f"{subject} {error}") from error.__cause__
    except Exception as error:  # a damaged file makes the readers raise nearly any kind
        pass_on(error)
        raise ImageFileError(f"{subject} {_what_went_wrong(error)}; {accepted}") from error


def _what_went_wrong(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "does not exist"
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be opened ({error.strerror})"
    return f"is damaged, cut short or of an unknown kind ({in_a_line(error)})"
