"""What code logs with: loggers whose lines carry fields, and ids bound to a piece of work.

A line holds our ids and Stripe's, and nothing personal: no names, no addresses, nothing that was
typed. Ids that hold for a whole piece of work are bound once, by `bound`, and stand on each line
of it.
"""

from contextvars import Token
from types import TracebackType
from typing import Any, Final

import structlog
from structlog.typing import Processor

from cardpay.domain.errors import CardpayError

get_logger = structlog.stdlib.get_logger
bound = structlog.contextvars.bound_contextvars

# What every line gets, the libraries' own ones too.
SHARED_PROCESSORS: Final[tuple[Processor, ...]] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *SHARED_PROCESSORS,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)


def failure(error: BaseException) -> dict[str, str]:
    """The fields that may be logged of an unexpected error: its type and place, no message.

    A message may quote what somebody typed. An error of ours adds its `log_fields`.
    """
    told = {"error": type(error).__name__, "place": _place(error.__traceback__)}
    if isinstance(error, CardpayError):
        told |= error.log_fields
    return told


def bind_request(request_id: str) -> Token[Any]:
    """Put the request's id on every line that its task, and what it starts, logs from now on."""
    return structlog.contextvars.bind_contextvars(request_id=request_id)["request_id"]


def forget_bound() -> None:
    """For work that serves several requests: it was started by one, and carries its ids."""
    structlog.contextvars.clear_contextvars()


def _place(trace: TracebackType | None) -> str:
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "an unknown place"
    module = trace.tb_frame.f_globals.get("__name__")
    return f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno} in {module}"
