"""How far a comparison with Stripe is, for whoever waits for it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Compared:
    """How far a comparison is, or how it ended. `doing` is what it looks at, for people."""

    doing: str
    step: int
    steps: int
    objects: int = 0
    differences: int = 0
    reads: int = 0
