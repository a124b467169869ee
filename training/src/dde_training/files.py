"""Files that are either there whole or not at all."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from dde_training.errors import UserError


def write_bytes(path: Path, content: bytes) -> None:
    """
    Write a file beside its place and rename it into it, so that it is never half written.

    Parameters
    ----------
    path : pathlib.Path
        The file. Its folder is made where it is missing, and an older file is replaced.
    content : bytes
        The whole content.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        beside.chmod(0o644)
        beside.replace(path)
    except BaseException as error:
        beside.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno and error.filename is None:
            error.filename = str(path)  # an open file is not named
        raise


def write_text(path: Path, content: str) -> None:
    """Write a UTF-8 file as `write_bytes` does."""
    write_bytes(path, content.encode())


def write_json(path: Path, content: Any) -> None:
    """Write strict JSON (no NaN) as `write_bytes` does."""
    write_text(path, json.dumps(content, allow_nan=False, ensure_ascii=False, indent=1) + "\n")


def read_json_object(path: Path) -> dict[str, Any]:
    """
    Read a file that holds one JSON object.

    Raises
    ------
    UserError
        If the file is not there or holds something else.
    """
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise UserError(f"{path}: not JSON: {error}") from None
    if not isinstance(content, dict):
        raise UserError(f"{path}: must hold one JSON object")
    return content
