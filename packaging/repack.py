"""Makes a source distribution the same, byte for byte, wherever and whenever it was built.

    python packaging/repack.py dist/deepdeltae-0.1.0.tar.gz

Names are sorted; times are SOURCE_DATE_EPOCH; nobody owns anything. setuptools minds none of it.
"""

import gzip
import io
import os
import sys
import tarfile
from pathlib import Path


def repack(path: Path, time: int) -> None:
    """Replaces an archive by one of the same files."""
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


if __name__ == "__main__":
    repack(Path(sys.argv[1]), int(os.environ["SOURCE_DATE_EPOCH"]))
