"""A file that leaves the desk: who hands one out has checked, and written down, who takes it."""

from dataclasses import dataclass, field
from typing import BinaryIO


@dataclass(frozen=True)
class HandedOut:
    """Open to be read from its beginning, so that nothing can take the file away meanwhile.

    `name` is what it is saved as; empty for what is shown instead.
    """

    content: BinaryIO = field(repr=False)
    name: str
    mime: str
