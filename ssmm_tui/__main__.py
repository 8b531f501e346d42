"""`python -m ssmm_tui` is `ssmm-tui`."""

import sys


def main() -> int:
    """The entry point. The interface itself is not part of this version."""
    print("Error: this version of ssmm has no terminal UI yet. Use ssmm; see ssmm --help.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
