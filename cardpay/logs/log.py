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
from cardpay.logs.redaction import Redaction, without_query

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
# Asked every few seconds, or thousands of times a minute: told at DEBUG, unless they fail.
_QUIET_PATHS: Final = frozenset({"/healthz", "/readyz", "/webhooks/stripe"})
# A tab is opened and closed.
_ORDINARY_SOCKET: Final = re.compile(r"WebSocket.*accepted|^connection (?:open|closed)")
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
    handler = make_handler(sys.stderr, written, level, secrets)

    def one_way(logger: logging.Logger, record: logging.LogRecord) -> None:
        # Streamlit switches requests off by taking this logger's handlers away.
        if logger.name != "uvicorn.access" or logger.hasHandlers():
            handler.handle(record)

    # uvicorn and Streamlit hang handlers of their own on their loggers, before or after this,
    # and Streamlit at each new logger (uvicorn 0.54, Streamlit 1.67). None of them is asked.
    logging.Logger.callHandlers = one_way  # type: ignore[method-assign,assignment]
    logging.getLogger().handlers = [handler]
    logging.getLogger().setLevel(level)
    logging.captureWarnings(capture=True)
    sys.excepthook = _end_of_process
    threading.excepthook = _end_of_thread


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
    handler.addFilter(_Worth(level))
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_server_line, *_SHARED],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.StackInfoRenderer(),
                structlog.processors.format_exc_info,
                redact,
                _renderer(stream, written),
            ],
            pass_foreign_args=True,
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


class _Worth(logging.Filter):
    """Whether a record is worth a line."""

    def __init__(self, level: Level) -> None:
        super().__init__()
        self._tells_all = level == "DEBUG"

    def filter(self, record: logging.LogRecord) -> bool:
        family = record.name.partition(".")[0]
        if family not in _OURS and record.levelno < _LEAST_OF.get(family, logging.INFO):
            return False
        if self._tells_all:
            return True
        if record.name == "uvicorn.access":
            _, _, target, _, status = _access(record.args)
            return status >= 400 or target.partition("?")[0] not in _QUIET_PATHS
        return record.name != "uvicorn.error" or not _ORDINARY_SOCKET.search(str(record.msg))


def _access(arguments: object) -> tuple[str, str, str, str, int]:
    """Client, method, target, HTTP version and status, as uvicorn logs a request (0.54)."""
    match arguments:
        case (str(client), str(method), str(target), str(version), int(status)):
            return client, method, target, version, status
    return "", "", "", "", 500


def _server_line(_logger: object, _method: str, line: EventDict) -> EventDict:
    """uvicorn's lines about requests, without addresses of people and without queries."""
    arguments = line.pop("positional_args", None)
    record: logging.LogRecord = line["_record"]
    if record.name == "uvicorn.access":
        _, method, target, _, status = _access(arguments)
        line.update(event="request", method=method, path=without_query(target), status=status)
    elif record.name.startswith("uvicorn") and '"WebSocket' in str(record.msg):
        target = str(arguments[1]) if isinstance(arguments, tuple) and arguments[1:] else ""
        opened = "accepted" in str(record.msg)
        line.update(
            event="websocket opened" if opened else "websocket refused",
            path=without_query(target),
        )
    return line


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
