"""The result of a check: OK, WARN or FAIL."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

# What to do where what runs by itself has not run.
START_THE_DESK: Final = "Start the desk, or a receiver: nothing seems to run."


class Level(StrEnum):
    """How serious it is. With a WARN the desk works; a FAIL needs somebody now."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


@dataclass(frozen=True)
class Finding:
    """One check's answer in whole sentences, and what to do about it unless it is OK."""

    level: Level
    what: str
    do: str = ""


def ok(what: str) -> Finding:
    """All is well."""
    return Finding(Level.OK, what)


def warn(what: str, do: str) -> Finding:
    """It works, and it could be better."""
    return Finding(Level.WARN, what, do)


def fail(what: str, do: str) -> Finding:
    """It does not work, or is not safe."""
    return Finding(Level.FAIL, what, do)
