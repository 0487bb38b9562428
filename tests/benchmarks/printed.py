"""What a benchmark prints: a table for people on stderr, JSON for programs on stdout."""

import json
import sys
from collections.abc import Sequence


def show(lines: Sequence[str], found: object) -> None:
    """Print both. `found` is anything that JSON can hold."""
    tell(*lines)
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


def tell(*lines: str) -> None:
    """Say how far the work is, or what came out."""
    sys.stderr.write("".join(f"{line}\n" for line in lines))
    sys.stderr.flush()
