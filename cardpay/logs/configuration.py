"""How logging is set up: one handler for the desk's own lines and those of its libraries.

structlog and the standard library share their processors, the last of which redacts.
"""

import json
import logging
import os
import re
import sys
import threading
from collections.abc import Collection
from contextlib import suppress
from types import TracebackType
from typing import Final, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor

from cardpay.domain.errors import CardpayError, StartRefused
from cardpay.logs.line_limit import OUR_LOGGERS, LineLimit, with_untold
from cardpay.logs.logger import SHARED_PROCESSORS, get_logger
from cardpay.logs.redaction import Redaction
from cardpay.logs.wordless_errors import kinds_for_arguments, without_words

Format = Literal["json", "text"]
Level = Literal["DEBUG", "INFO", "WARNING", "ERROR"]

# Libraries say no more than INFO, since their finest lines quote what travels: forms, frames,
# statements with their values. These quote it at INFO already, or have nothing to tell there.
_LEAST_OF: Final = dict.fromkeys(
    ("alembic", "authlib", "httpx", "sqlalchemy", "stripe", "urllib3", "websockets"),
    logging.WARNING,
)
# uvicorn's lines about requests have the client's address and the query in them (uvicorn 0.54).
# The desk writes a line for each request itself, in `cardpay.web.request_log`.
_OF_SOCKETS: Final = re.compile(r'.*"WebSocket|connection (?:open|closed|rejected)')
_NOT_REDACTED: Final = frozenset({"timestamp", "level", "logger"})


def configure(written: Format, level: Level, secrets: Collection[str] = ()) -> None:
    """Send everything that this process logs to stderr, redacted.

    `secrets` are the values of settings that must not appear. StartRefused if Stripe's SDK was
    told to print by itself.
    """
    if os.environ.get("STRIPE_LOG"):
        raise StartRefused(
            "STRIPE_LOG",
            "makes Stripe's SDK print what travels, secrets and all, past the log: take it away.",
        )
    logging.basicConfig(
        handlers=[make_handler(sys.stderr, written, level, secrets)], level=level, force=True
    )
    logging.captureWarnings(capture=True)
    logging.setLoggerClass(_Logger)
    for logger in [*logging.getLogger().manager.loggerDict.values()]:
        if isinstance(logger, logging.Logger):
            logger.addFilter(_straight_to_root)
    # `_is_told` drops its lines anyway; like this they are not even made.
    logging.getLogger("uvicorn.access").disabled = True
    sys.excepthook = _end_of_process
    threading.excepthook = _end_of_thread
    sys.unraisablehook = _ignored


def _straight_to_root(record: logging.LogRecord) -> bool:
    """A logger's filter: its records go to the root's handler, and to none of its own.

    uvicorn and Streamlit hang handlers on their loggers, and stop them from passing records on.
    Streamlit does so at each new logger too, and again for all of them whenever its file of
    options changes, so to take those handlers away once is not enough (uvicorn 0.54, Streamlit
    1.67). Filters they leave alone.
    """
    logging.getLogger().handle(record)
    return False


class _Logger(logging.Logger):
    """The loggers that are made from now on."""

    def __init__(self, name: str, level: int = logging.NOTSET) -> None:
        super().__init__(name, level)
        self.addFilter(_straight_to_root)


def make_handler(
    stream: TextIO, written: Format, level: Level, secrets: Collection[str] = ()
) -> logging.Handler:
    """The handler that filters, redacts and writes lines to `stream`."""
    redaction = Redaction(secrets)

    def redact(_logger: object, _method: str, line: EventDict) -> EventDict:
        return {
            name: value if name in _NOT_REDACTED else redaction.named(name, value)
            for name, value in line.items()
        }

    handler = _Handler(stream)
    handler.setLevel(level)
    handler.addFilter(_is_told)
    handler.addFilter(LineLimit())
    handler.addFilter(kinds_for_arguments)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=SHARED_PROCESSORS,
            processors=[
                with_untold,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.StackInfoRenderer(),
                without_words,
                redact,
                _renderer(stream, written),
            ],
        )
    )
    return handler


class _Handler(logging.StreamHandler[TextIO]):
    """What writes the lines."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - Python's name
        """Of a line that cannot be written, say so: Python prints it as it is, arguments too."""
        with suppress(OSError, ValueError):  # nobody reads the stream any more
            told = {"event": "a line could not be written", "logger": record.name}
            request_id = structlog.contextvars.get_contextvars().get("request_id")
            if request_id is not None:
                told["request_id"] = request_id
            self.stream.write(f"{json.dumps(told)}\n")


def _is_told(record: logging.LogRecord) -> bool:
    """Whether a record is worth a line."""
    family = record.name.partition(".")[0]
    if record.name == "uvicorn.access":
        return False
    if record.name.startswith("streamlit") and _is_a_refusal(record):
        return False
    if family == "uvicorn" and _OF_SOCKETS.match(str(record.msg)):
        return False
    return family in OUR_LOGGERS or record.levelno >= _LEAST_OF.get(family, logging.INFO)


def _is_a_refusal(record: logging.LogRecord) -> bool:
    """Whether it is Streamlit's traceback of what was refused, told in a line of ours."""
    return record.exc_info is not None and isinstance(record.exc_info[1], CardpayError)


def _renderer(stream: TextIO, written: Format) -> Processor:
    if written == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    console = structlog.dev.ConsoleRenderer(
        colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
    )
    # Fields are quoted by it, and the message is not: a library's may quote what came in.
    return lambda logger, method, line: console(
        logger, method, {**line, "event": _on_one_line(str(line.get("event", "")))}
    )


def _on_one_line(message: str) -> str:
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in message)


def _end_of_process(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    get_logger("cardpay").critical("uncaught", exc_info=(kind, error, trace))


def _end_of_thread(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is not None and not issubclass(ended.exc_type, SystemExit):
        trace = (ended.exc_type, ended.exc_value, ended.exc_traceback)
        get_logger("cardpay").error("uncaught in a thread", exc_info=trace)


def _ignored(raised: "sys.UnraisableHookArgs") -> None:
    """What Python can raise nowhere, such as an error while an object goes."""
    if raised.exc_value is not None:
        get_logger("cardpay").error("uncaught where nobody can", exc_info=raised.exc_value)
