"""Makes an archive the same, byte for byte, wherever and whenever it was built.

    python packaging/repack.py dist/deepdeltae-0.1.0.tar.gz dist/deepdeltae-0.1.0-*.whl

Of a source distribution names are sorted, times are SOURCE_DATE_EPOCH, and nobody owns anything;
setuptools minds none of it. A wheel is as it was, but compressed by Zopfli, which takes its time:
4 % smaller, and read by the same programs.
"""

import gzip
import io
import os
import sys
import tarfile
import zipfile
from pathlib import Path

import zopfli


def repack_source(path: Path, time: int) -> None:
    """Replaces a source distribution by one of the same files."""
    content = io.BytesIO()
    with (
        tarfile.open(path) as old,
        tarfile.open(fileobj=content, mode="w", format=tarfile.USTAR_FORMAT) as new,
    ):
        for member in sorted(old.getmembers(), key=lambda member: member.name):
            member.mtime, member.uid, member.gid, member.uname, member.gname = time, 0, 0, "", ""
            member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
            member.pax_headers = {}
            new.addfile(member, old.extractfile(member) if member.isfile() else None)
    path.write_bytes(gzip.compress(content.getvalue(), mtime=time))


def repack_wheel(path: Path) -> None:
    """Replaces a wheel by one of the same files, names and times."""
    content = io.BytesIO()
    with (
        zipfile.ZipFile(path) as old,
        zopfli.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.infolist():
            if not member.is_dir():  # the names of files say where they lie
                new.writestr(member, old.read(member))
    path.write_bytes(content.getvalue())


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]):
        if path.suffix == ".whl":
            repack_wheel(path)
        else:
            repack_source(path, int(os.environ["SOURCE_DATE_EPOCH"]))
