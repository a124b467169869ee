"""The promise: the site opens from disk. Nothing of a page is loaded from elsewhere."""

import re
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.typing import ExtensionMetadata

# What a browser loads by itself; a link that somebody clicks is none of these.
LOADED = re.compile(r"<(?:script|img|iframe|link)\b[^>]*?(?:src|href)=\"((?:https?:)?//[^\"]+)\"")


def refuse_what_is_elsewhere(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.format != "html":
        return
    for page in Path(app.outdir).rglob("*.html"):
        if found := LOADED.search(page.read_text()):
            raise ExtensionError(f"{page.name} loads {found[1]}")


def setup(app: Sphinx) -> ExtensionMetadata:
    app.connect("build-finished", refuse_what_is_elsewhere)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
