"""Exceptions in the log: their kinds and places, never their own words.

They may quote what somebody typed, a statement's values, a token; and no pattern knows a name or
an order. So they are left out of what is logged with an exception, or while one is handled.
"""

import logging
import sys
from collections.abc import Iterator
from traceback import format_tb
from typing import Any, Final

from structlog.typing import EventDict

# Shorter words would be found in sentences that have nothing to do with them.
_SHORTEST: Final = 8


def kinds_for_arguments(record: logging.LogRecord) -> bool:
    """A handler's filter: an exception that a message is to quote is its kind instead."""
    if isinstance(record.args, tuple):
        record.args = tuple(_kind_if_error(one) for one in record.args)
    elif isinstance(record.args, dict):
        record.args = {name: _kind_if_error(one) for name, one in record.args.items()}
    if record.name == "asyncio":  # below the first line are callbacks, with their arguments
        record.msg, record.args = record.getMessage().partition("\n")[0], ()
    return True


def without_words(_logger: object, _method: str, line: EventDict) -> EventDict:
    """A processor: `exc_info` becomes a traceback of kinds and places; its words go everywhere."""
    error = _error_of(line.pop("exc_info", None))
    if error is not None:
        line["exception"] = "\n".join(_trace(error))
    for told in _all_of(error, sys.exc_info()[1]):
        for words in (repr(told), _written(told), *map(str, _texts(told))):
            if len(words) >= _SHORTEST:
                for name, value in line.items():
                    if isinstance(value, str) and name != "exception":
                        line[name] = value.replace(words, kind_of(told))
    return line


def kind_of(error: BaseException) -> str:
    """What sort of error it is."""
    return type(error).__name__


def _kind_if_error(value: object) -> object:
    return kind_of(value) if isinstance(value, BaseException) else value


def _error_of(exc_info: Any) -> BaseException | None:
    """What `exc_info` of a log call stands for."""
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        found: BaseException | None = exc_info[1]
        return found
    return sys.exc_info()[1] if exc_info else None


def _all_of(*errors: BaseException | None) -> Iterator[BaseException]:
    """These, and all that they were raised from or are made of."""
    left, seen = [one for one in errors if one is not None], set()
    while left:
        error = left.pop()
        if id(error) in seen:
            continue
        seen.add(id(error))
        yield error
        left += [one for one in (error.__cause__, error.__context__) if one is not None]
        left += getattr(error, "exceptions", ())


def _texts(error: BaseException) -> list[str]:
    return [one for one in error.args if isinstance(one, str)]


def _written(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - a line about a failure must not be another one
        return ""


def _trace(error: BaseException, depth: int = 0) -> list[str]:
    """As Python writes it, without the words; what it was raised from comes first."""
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    told = _trace(earlier, depth + 1) if earlier is not None and depth < 10 else []
    places = "".join(format_tb(error.__traceback__)).rstrip()
    told += ["Traceback (most recent call last):", *([places] if places else []), kind_of(error)]
    for one in getattr(error, "exceptions", ()) if depth < 10 else ():
        told += _trace(one, depth + 1)
    return told
