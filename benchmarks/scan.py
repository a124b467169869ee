"""Inspects synthetic scans from 1 megapixel to 4 gigapixels: time per megapixel, and memory.

    python benchmarks/scan.py

Reference and sample are written tile by tile, as tiled TIFF and as zarr, inspected by a process of
their own, and deleted. That takes about ten minutes on two cores, and 1.5 GB of disk where a file
would be 13 GB: within a tile a few rows of a photograph are repeated, which compress well.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from time import perf_counter, process_time

import imagecodecs
import numpy as np
import scipy.ndimage
import scipy.sparse.csgraph  # noqa: F401  # as the search for defects does
import tifffile
import zarr
from arrays import photographs
from memory import most_resident
from tables import aligned, short

import dde
from dde.images.opening import open_image

SIDES = (1024, 4096, 16_384, 65_536)
TILE = 512
REPEATED_ROWS = 16
DISK_PER_PIXEL = 0.4  # bytes, of reference and sample together; found, and twice of it
MOST_RESIDENT = 1000  # MB, promised
AT_LEAST = 0.3  # seconds that are measured, however small the scan


def tiles() -> tuple[np.ndarray, np.ndarray]:
    """A tile of the reference, and of the sample, which has a speck in it."""
    reference, sample = (
        np.tile(
            image[1000 : 1000 + REPEATED_ROWS, 1000 : 1000 + TILE], (TILE // REPEATED_ROWS, 1, 1)
        )
        for image in photographs()
    )
    sample[200:208, 300:306] = 255 - sample[200:208, 300:306]
    return reference, sample


def write_tiff(path: Path, tile: np.ndarray, side: int) -> None:
    encoded = imagecodecs.zlib_encode(tile.tobytes())
    count = (side // TILE) ** 2
    tifffile.imwrite(
        path,
        (encoded for _ in range(count)),
        shape=(side, side, 3),
        dtype=np.uint8,
        tile=(TILE, TILE),
        photometric="rgb",
        compression="zlib",
        bigtiff=True,
    )


def write_zarr(path: Path, tile: np.ndarray, side: int) -> None:
    shape, chunks = (side, side, 3), (TILE, TILE, 3)
    scan = zarr.create_array(path, shape=shape, chunks=chunks, dtype=np.uint8)
    row_of_tiles = np.tile(tile, (1, side // TILE, 1))
    for start in range(0, side, TILE):
        scan[start : start + TILE] = row_of_tiles


WRITERS: dict[str, Callable[[Path, np.ndarray, int], None]] = {
    "tiff": write_tiff,
    "zarr": write_zarr,
}


def inspect(reference: str, sample: str, side: int) -> None:
    """What the process of its own does: prints seconds, those of the processors, and the most
    memory that was resident."""
    open_image(reference)  # so that what reads files is imported
    job = {
        "tolerances": "p95 <= 5",
        "regions": {"centre": (side // 4, side // 4, side // 2, side // 2)},
        "defects": {"above": 40},
    }
    seconds: list[float] = []
    processors: list[float] = []
    while sum(seconds) < AT_LEAST:
        start, start_of_processors = perf_counter(), process_time()
        found = dde.inspect(reference, sample, **job)
        seconds.append(perf_counter() - start)
        processors.append(process_time() - start_of_processors)
        assert found.defect_count == (side // TILE) ** 2, "each tile has one defect"
    print(min(seconds), min(processors), most_resident())


def measured(kind: str, side: int, folder: Path) -> tuple[float, float, float]:
    """Seconds, seconds of the processors, and MB of memory."""
    with tempfile.TemporaryDirectory(dir=folder) as scans:
        paths = [Path(scans, f"{name}.{kind}") for name in ("reference", "sample")]
        for path, tile in zip(paths, tiles(), strict=True):
            WRITERS[kind](path, tile, side)
        command = [sys.executable, __file__, "--inspect", *map(str, paths), str(side)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    seconds, processors, resident = map(float, done.stdout.split())
    return seconds, processors, resident


def sides_for(folder: Path, largest: int) -> list[int]:
    """As large as was asked for and the disk has room for, which is said if it is less."""
    free = shutil.disk_usage(folder).free
    sides = [side for side in SIDES if side <= largest]
    fitting = [side for side in sides if DISK_PER_PIXEL * side**2 < free]
    if fitting != sides:
        print(f"Smaller than asked for: {folder} has {free / 1e9:.1f} GB free.\n")
    return fitting


def lines(folder: Path, sides: list[int]) -> Iterator[list[str]]:
    yield ["scan", "file", "seconds", "ms per megapixel", "of processors", "resident, MB"]
    for kind in WRITERS:
        found = []
        for side in sides:
            seconds, processors, resident = measured(kind, side, folder)
            per_megapixel = np.array([seconds, processors]) * 1e9 / side**2
            found.append((*per_megapixel, resident))
            texts = [short(seconds), *map(short, per_megapixel), f"{resident:.0f}"]
            yield [f"{side:,} × {side:,}", kind, *texts]
        growth = np.array(found[-1]) / found[0]
        kept = "kept" if max(resident for *_, resident in found) < MOST_RESIDENT else "broken"
        promise = f"< {MOST_RESIDENT} MB: {kept}"
        yield ["largest against smallest", kind, "", *(f"{short(g)}×" for g in growth[:2]), promise]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--largest", type=int, default=SIDES[-1], help="side of the largest scan")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--inspect", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inspect:
        reference, sample, side = given.inspect
        inspect(reference, sample, int(side))
        return
    print(f"{dde.get_num_threads()} threads; tiles of {TILE} x {TILE} pixels\n")
    print(
        "\n".join(
            aligned(list(lines(given.folder, sides_for(given.folder, given.largest))), "<<>>>>")
        )
    )


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main()
