"""One way for everything that is logged: the desk's own lines and those of its libraries.

structlog and the standard library share their processors, the last of which redacts. A line
holds our ids and Stripe's, and nothing personal: no names, no addresses, nothing that was typed.
Ids that hold for a whole piece of work are bound once, by `bound`, and stand on each line of it.
"""

import logging
import os
import re
import sys
import threading
from collections.abc import Collection
from contextvars import Token
from types import TracebackType
from typing import Any, Final, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor

from cardpay.domain.errors import CardpayError, StartRefused
from cardpay.logs.redaction import Redaction

Format = Literal["json", "text"]
Level = Literal["DEBUG", "INFO", "WARNING", "ERROR"]

get_logger = structlog.stdlib.get_logger
bound = structlog.contextvars.bound_contextvars

_OURS: Final = ("cardpay", "components", "pages")
# Libraries say no more than INFO, since their finest lines quote what travels: forms, frames,
# statements with their values. These quote it at INFO already, or have nothing to tell there.
_LEAST_OF: Final = dict.fromkeys(
    ("alembic", "authlib", "httpx", "sqlalchemy", "stripe", "urllib3", "websockets"),
    logging.WARNING,
)
# uvicorn's lines about requests have the client's address and the query in them (uvicorn 0.54).
# The desk writes a line for each request itself, in `cardpay.web.request_middleware`.
_OF_SOCKETS: Final = re.compile(r'.*"WebSocket|connection (?:open|closed|rejected)')
_NOT_REDACTED: Final = frozenset({"timestamp", "level", "logger"})

_SHARED: Final[tuple[Processor, ...]] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_SHARED,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)


def configure(written: Format, level: Level, secrets: Collection[str] = ()) -> None:
    """Let everything that this process logs take one way, to stderr. StartRefused.

    `secrets` are the values of settings that must not appear.
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
    """What filters, redacts and writes lines to `stream`."""
    redaction = Redaction(secrets)

    def redact(_logger: object, _method: str, line: EventDict) -> EventDict:
        return {
            name: value if name in _NOT_REDACTED else redaction.named(name, value)
            for name, value in line.items()
        }

    handler = logging.StreamHandler(stream)
    handler.setLevel(level)
    handler.addFilter(_is_told)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.StackInfoRenderer(),
                structlog.processors.format_exc_info,
                redact,
                _renderer(stream, written),
            ],
        )
    )
    return handler


def failure(error: BaseException) -> dict[str, str]:
    """What may be logged of an error that nobody foresaw: its type and its place.

    Its message may quote what somebody typed. Stripe's request id goes along where there is one.
    """
    told = {"error": type(error).__name__, "place": _place(error.__traceback__)}
    if isinstance(error, CardpayError) and error.request_id:
        told["stripe_request_id"] = error.request_id
    return told


def bind_request(request_id: str) -> Token[Any]:
    """Put the request's id on every line that its task, and what it starts, logs from now on."""
    return structlog.contextvars.bind_contextvars(request_id=request_id)["request_id"]


def forget_bound() -> None:
    """For work that serves several requests: it was started by one, and carries its ids."""
    structlog.contextvars.clear_contextvars()


def _is_told(record: logging.LogRecord) -> bool:
    """Whether a record is worth a line."""
    family = record.name.partition(".")[0]
    if record.name == "uvicorn.access":
        return False
    if family == "uvicorn" and _OF_SOCKETS.match(str(record.msg)):
        return False
    return family in _OURS or record.levelno >= _LEAST_OF.get(family, logging.INFO)


def _renderer(stream: TextIO, written: Format) -> Processor:
    if written == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(
        colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
    )


def _place(trace: TracebackType | None) -> str:
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "an unknown place"
    module = trace.tb_frame.f_globals.get("__name__")
    return f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno} in {module}"


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
