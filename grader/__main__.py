"""`grader` and `python -m grader`."""

import sys


def main() -> None:
    """Runs the command line and leaves with its exit code."""
    from grader.cli.main import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
