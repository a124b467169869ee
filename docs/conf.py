"""The site: ``nox -s docs``, or ``sphinx-build -W -c docs . build/site`` with the extra ``docs``.

The sources are the Markdown files where they stand in the repository, so that one link serves both
there and in the site. It opens from disk: equations are MathML, the search needs no server, and
nothing is loaded from elsewhere.
"""

import sys
from importlib.resources import files
from pathlib import Path

from sphinx.application import Sphinx

import dde

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "extensions"))

project = "dde"
author = "The dde developers"
copyright = author
version = release = dde.__version__
root_doc = "docs/index"
include_patterns = [
    "docs/**",
    "training/README.md",
    "training/docs/*.md",
    "examples/README.md",
    "examples/**/README.md",
    "benchmarks/README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "LICENSES/README.md",
]
exclude_patterns = [".*", "build", "dist", "src", "tests", "docs/gallery", "docs/templates"]
language = "en-GB"
nitpicky = True
nitpick_ignore_regex = [("py:obj", r"[A-Za-z_]+")]  # attributes that their class describes

extensions = [
    "mathml",
    "myst_parser",
    "numpydoc",
    "offline",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_click",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
]

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4

default_role = "autolink"  # a name that can be found is a link, a parameter is emphasised
autodoc_typehints = "none"  # the docstrings say more
autosummary_generate = True
numpydoc_show_class_members = False
templates_path = [str(HERE / "templates")]

sphinx_gallery_conf = {
    "examples_dirs": "docs/gallery",
    "gallery_dirs": "docs/generated/gallery",
    "filename_pattern": r"\.py$",
    "abort_on_example_error": True,
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "min_reported_time": 1e9,
    "write_computation_times": False,
    "remove_config_comments": True,
    "reference_url": {},
}

html_theme = "pydata_sphinx_theme"
html_title = "dde"
# Browsers stretch brackets and roots by a font made for equations, which not every system has:
# STIX Two Math, under the SIL Open Font License.
font = files("ziamath") / "fonts" / "STIXTwoMath-Regular.ttf"
html_static_path = ["static", str(font)]
html_css_files = ["site.css"]
html_math_renderer = "mathml"
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_show_sphinx = False
html_show_search_summary = False  # it fetches pages, which browsers refuse from disk
html_additional_pages = {"index": "first.html"}  # the folder opens by its index.html
html_sidebars = {"docs/index": [], "docs/installing": []}
html_theme_options = {
    "navbar_end": ["theme-switcher"],
    "navbar_persistent": ["search-field"],
    "footer_start": [],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
    "show_prev_next": False,
    "header_links_before_dropdown": 7,
    "navigation_with_keys": False,
}


def lead_to_the_gallery(app: Sphinx, name: str, source: list[str]) -> None:
    """A link that leads to its programs in the repository leads to its pages here."""
    source[0] = source[0].replace("](gallery)", "](generated/gallery/index)")


def setup(app: Sphinx) -> None:
    app.connect("source-read", lead_to_the_gallery)
