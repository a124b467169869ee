"""
Thousands of frames, in worker processes, into records and a summary.

>>> from pathlib import Path
>>> from tempfile import TemporaryDirectory
>>> from dde.batch import Frame, inspect_frames
>>> image = Path("examples/reference.jpg")
>>> with TemporaryDirectory() as output:
...     frames = [Frame("first", image, image), Frame("second", image, Path("lost.jpg"))]
...     results = list(inspect_frames(frames, output, workers=1))
...     sorted(path.name for path in Path(output).iterdir() if path.suffix != ".parquet")
['frames', 'summary.csv']
>>> [result.verdict for result in results]
['not judged', 'unreadable']
"""

import sys

from dde.errors import MissingPackageError

if sys.platform == "win32":
    raise MissingPackageError(
        "a batch needs what Windows does not have, a lock on a folder and limits of a process; "
        "compare the pictures one by one"
    )

from dde.batch.frames import Frame, FrameResult
from dde.batch.inspecting import inspect_frames
from dde.batch.listing import frames_in_folder, frames_of_pairs

__all__ = ["Frame", "FrameResult", "frames_in_folder", "frames_of_pairs", "inspect_frames"]
