"""Everything that CONTRIBUTING names, each by one command: ``nox -s lint``; ``nox -l`` lists them.

What follows ``--`` goes to the command itself: ``nox -s tests -- tests/test_sharma.py``.
"""

import shutil
from pathlib import Path

import nox

nox.options.sessions = ["lint", "types", "tests"]
nox.options.reuse_existing_virtualenvs = True


@nox.session
def tests(session: nox.Session) -> None:
    """Tests, and the examples in docstrings."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session
def training(session: nox.Session) -> None:
    """The tests and types of the training package."""
    session.install("-e", ".[test]", "-e", "training[dev,test]")
    session.chdir("training")
    session.run("python", "-m", "pytest", *session.posargs)
    session.run("mypy")


@nox.session
def lint(session: nox.Session) -> None:
    """Faults of style in the code, and of safety in the workflows."""
    session.install("ruff>=0.11", "zizmor>=1.32")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("zizmor", "--offline", ".github")


@nox.session
def types(session: nox.Session) -> None:
    session.install("-e", ".[dev]")
    session.run("mypy")
    with session.chdir("benchmarks"):
        of_the_page = ("page.py", "compare.py", "instructions.py", "peak.py")
        session.run("mypy", "--config-file=", "--strict", *of_the_page)


@nox.session
def sanitize(session: nox.Session) -> None:
    """AddressSanitizer and UndefinedBehaviorSanitizer, of GCC, with threads."""
    _script(session, "tests/sanitize.sh")


@nox.session
def thread_sanitizer(session: nox.Session) -> None:
    """ThreadSanitizer, of Clang, with Archer, which tells it what OpenMP waits for."""
    _script(session, "tests/thread_sanitizer.sh")


@nox.session
def fuzz(session: nox.Session) -> None:
    """More examples of arrays and of files than the tests try; DDE_FUZZ says how many."""
    session.install("-e", ".[test]")
    files = ("arrays", "files", "job", "models")
    session.run(
        "python",
        "-m",
        "pytest",
        *(f"tests/test_fuzz_{name}.py" for name in files),
        *session.posargs,
        env={"DDE_FUZZ": session.env.get("DDE_FUZZ") or "2000"},
    )


@nox.session
def compilers(session: nox.Session) -> None:
    """The tests of the kernels by every compiler that is here, with OpenMP and without."""
    _script(session, "packaging/compilers.sh")


@nox.session
def vectorised(session: nox.Session) -> None:
    """Says which loops of the formulas GCC has turned into vector code."""
    session.run("packaging/vectorised.sh", *session.posargs, external=True)


@nox.session
def bench(session: nox.Session) -> None:
    """Us and the peers, in one run."""
    session.install("-e", ".[bench]")
    session.run("python", "-m", "pytest", "benchmarks", *session.posargs)


@nox.session
def benchmarks(session: nox.Session) -> None:
    """The page of benchmarks: nox -s benchmarks -- FOLDER [--quick]."""
    session.install("-e", ".[bench]")
    session.run("python", "benchmarks/page.py", *(session.posargs or ["build/benchmarks"]))


@nox.session
def starting(session: nox.Session) -> None:
    """How long the command takes to start, with what a first look needs and no more."""
    session.install(".[cli]")
    session.run("python", "benchmarks/starting.py")


@nox.session
def wheel(session: nox.Session) -> None:
    """The wheel and the source distribution: the same twice, checked and tested."""
    session.run("packaging/wheel.sh", "python", *(session.posargs or ["dist"]), external=True)


@nox.session
def sbom(session: nox.Session) -> None:
    """A bill of materials, CycloneDX, of what is installed with all extras."""
    session.install("cyclonedx-bom>=7")
    session.run("python", "-m", "venv", "--clear", "build/shipped")
    python = "build/shipped/bin/python"
    session.run(python, "-m", "pip", "install", "-q", ".[all]", external=True)
    session.run(python, "-m", "pip", "uninstall", "-q", "-y", "pip", external=True)
    (output,) = session.posargs or ["dist/sbom.cdx.json"]
    Path(output).parent.mkdir(parents=True, exist_ok=True)
    session.run(
        *("cyclonedx-py", "environment", "--pyproject", "pyproject.toml", "--mc-type", "library"),
        *("--output-reproducible", "--validate", "--output-file", output, python),
    )


@nox.session
def docs(session: nox.Session) -> None:
    """The site, into build/site: the gallery is run, and what is not as it should be fails."""
    _site(session, "html", "build/site", "--fail-on-warning", "--keep-going")
    if shutil.which("chromedriver"):
        session.run("python", "-m", "pytest", "-q", "docs/checks")
    else:
        session.warn("there is no chromedriver here: the site was not opened in a browser")


@nox.session
def links(session: nox.Session) -> None:
    """The links of the site to others; it needs the network."""
    _site(session, "linkcheck", "build/links")


@nox.session
def pictures(session: nox.Session) -> None:
    """Draws the pictures that the pages have beside the gallery again."""
    session.install("-e", ".[all]")
    session.run("python", "docs/pictures/metrics.py")
    session.run("python", "docs/pictures/comparisons.py")


def _site(session: nox.Session, builder: str, output: str, *options: str) -> None:
    session.install("-e", ".[docs]")
    session.run(
        *("sphinx-build", "-b", builder, "-c", "docs", *options, ".", output, *session.posargs)
    )


def _script(session: nox.Session, script: str) -> None:
    """Runs a script that builds dde itself, by an interpreter that has what it needs."""
    session.install("-e", ".[dev]")
    session.run(script, f"{session.bin}/python", *session.posargs, external=True)
