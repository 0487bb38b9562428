"""No flood of lines fills the disk: of each kind so many are written in a minute.

What the desk itself tells at INFO is written always: the head of the audit log is such a line.
"""

import logging
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from structlog.typing import EventDict

OUR_LOGGERS: Final = ("cardpay", "components", "pages")
LINES_A_MINUTE: Final = 100
_MINUTE: Final = 60.0
_MOST_KINDS: Final = 1_000
_UNTOLD: Final = "untold"


@dataclass
class _Kind:
    began: float
    written: int = 0
    untold: int = 0


class LineLimit(logging.Filter):
    """A handler's filter. What it left out of a kind is counted in the next line of that kind.

    A kind is a logger and what happened, or for a library's lines, whose words may hold anything,
    the place in its code.
    """

    def __init__(self) -> None:
        super().__init__()
        self._kinds: OrderedDict[tuple[object, ...], _Kind] = OrderedDict()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is written."""
        if record.levelno < logging.WARNING and record.name.startswith(OUR_LOGGERS):
            return True
        kind = self._kind(record)
        if record.created - kind.began >= _MINUTE:
            kind.began, kind.written = record.created, 0
        if kind.written >= LINES_A_MINUTE:
            kind.untold += 1
            return False
        kind.written += 1
        if kind.untold:
            setattr(record, _UNTOLD, kind.untold)
            kind.untold = 0
        return True

    def _kind(self, record: logging.LogRecord) -> _Kind:
        what = record.msg.get("event") if isinstance(record.msg, dict) else record.lineno
        name = (record.name, record.levelno, what)
        found = self._kinds.setdefault(name, _Kind(record.created))
        self._kinds.move_to_end(name)
        if len(self._kinds) > _MOST_KINDS:
            self._kinds.popitem(last=False)
        return found


def with_untold(_logger: object, _method: str, line: EventDict) -> EventDict:
    """structlog's processor: the line with how many of its kind were left out before it."""
    untold = getattr(line["_record"], _UNTOLD, None)
    return line if untold is None else {**line, _UNTOLD: untold}
