"""``dde learn``: a reference that knows its variation, from a folder of good samples."""

from pathlib import Path

import click

import dde
from dde.command.failures import OUTPUT_FILE, PATH, one_of, reading, refuse_overwriting, writing
from dde.command.streams import in_lines
from dde.inspection.inspecting import job_given
from dde.learned import METHODS
from dde.registration.alignment import MOTIONS, alignment_of

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp", ".npy")


@click.command()
@click.argument("folder", type=PATH)
@click.option(
    "--output",
    metavar="FILE.npz",
    required=True,
    type=OUTPUT_FILE,
    help="Where to write the reference.",
)
@click.option(
    "--method",
    default=METHODS[0],
    callback=one_of(METHODS),
    help=f"One of {', '.join(METHODS)}; robust ignores a few bad samples, and needs more memory.",
)
@click.option(
    "--job",
    "job_file",
    metavar="FILE",
    type=PATH,
    help="The job by which frames will be judged: its colour, camera and alignment are for the "
    "samples too.",
)
@click.option(
    "--align",
    metavar="MOTION",
    callback=one_of(MOTIONS),
    help=f"Lay the samples on the first: {', '.join(MOTIONS)}.",
)
def learn(folder: Path, output: Path, method: str, job_file: Path | None, align: str | None) -> int:
    """Learns from the images of FOLDER, all of them good, how much each pixel varies.

    The file can be given to `dde compare` and `dde batch` as the REFERENCE: differences are then
    shares of what is allowed for each pixel, and 1 is at the limit, which the job says under
    [variation].
    """
    with reading():
        if output.suffix.lower() != ".npz":
            raise ValueError(f"--output {output} must end in .npz")
        paths = sorted(
            path
            for path in folder.iterdir()
            if path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()
        )
        job = job_given(job_file)
        refuse_overwriting([("--output", output)], [*paths, *job.files])
        if len(paths) < 2:
            raise ValueError(
                f"FOLDER {folder} must hold at least two good samples, not {len(paths)}; files "
                f"that end in {', '.join(SUFFIXES)} are taken"
            )
        reference = dde.learn_reference(
            paths,
            method=method,
            white=job.white,
            space=job.space,
            align=alignment_of(align) or job.alignment,
            adaptation=job.adaptation,
        )
    with writing("--output", output):
        reference.save(output)
    print(in_lines([f"{output}: learned from {len(paths)} samples of {folder}"]))
    return 0
