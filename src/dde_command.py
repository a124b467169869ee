"""What the command ``dde`` starts: apart from the package, so that one that cannot be imported, as
with an unknown instruction set in ``DDE_ISA``, ends it in a sentence too."""

import sys


def main() -> int:
    """Runs the command, and returns the exit status."""
    try:
        from dde.command import main as run
    except ImportError as error:
        if sys.stderr is not None:
            print(f"dde: {error}.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return run()


if __name__ == "__main__":
    sys.exit(main())
