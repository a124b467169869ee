"""What the command ``dde`` starts: apart from the package, so that one that cannot be imported, as
with an unknown instruction set in ``DDE_ISA``, ends it in a sentence too."""

import os
import sys


def main() -> int:
    """Runs the command, and returns the exit status."""
    _be_a_program()
    # NumPy's linear algebra starts a thread for each core when it is imported, which can take as
    # long as all the rest of NumPy. No command has use for them.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        from dde.command import main as run
    except Exception as error:  # of NumPy, perhaps, whose libraries are not to be found
        return _complain(error)
    except KeyboardInterrupt:
        return 130
    return run()


def begin_if_started() -> None:
    """Makes a program of ``python -m dde``: before it runs, Python imports the package."""
    if _started():
        _be_a_program()


def end_if_started(error: Exception) -> None:
    """Ends ``python -m dde`` in the same sentence."""
    if _started():
        sys.exit(_complain(error))


def _started() -> bool:
    arguments = len(sys.argv) - 1
    module = sys.orig_argv[: len(sys.orig_argv) - arguments][-1:]  # what stands before them
    return sys.argv[:1] == ["-m"] and module in (["dde"], ["-mdde"])


def _be_a_program() -> None:
    """Lets Ctrl-C end it at once, as other signals do, and no warning join its sentences."""
    import signal
    import warnings

    if os.name == "posix" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    if not sys.warnoptions:
        warnings.simplefilter("ignore")


def _complain(error: Exception) -> int:
    if sys.stderr is not None:
        print(f"dde: {' '.join(str(error).split())}.", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
