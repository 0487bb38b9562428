"""Exports: which lists there are as files, in which formats, and what becomes of one."""

from enum import StrEnum
from typing import Final

from cardpay.domain.errors import CardpayError


class ExportKind(StrEnum):
    """A list that can be exported."""

    PAYMENTS = "payments"
    ATTEMPTS = "attempts"
    REFUNDS = "refunds"
    DISPUTES = "disputes"
    CUSTOMERS = "customers"
    BALANCE = "balance"
    PAYOUTS = "payouts"


class FileFormat(StrEnum):
    """What a file is written as; the value is its ending."""

    XLSX = "xlsx"
    CSV = "csv"
    PARQUET = "parquet"


class ExportState(StrEnum):
    """What became of an export. The first two are under way."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELED = "canceled"
    FAILED = "failed"


# Of one list, for their maker: so many are under way, and so many are kept.
LISTED: Final = 10
UNDER_WAY: Final = frozenset({ExportState.WAITING, ExportState.RUNNING})


class ExportCanceled(CardpayError):
    """Somebody cancelled it, or the process that was at it has ended."""

    def __init__(self) -> None:
        super().__init__("The export was cancelled.")


class TooManyFiles(CardpayError):
    """A person asks for files faster than anybody saves them."""

    def __init__(self, times: int) -> None:
        super().__init__(f"You asked for {times} files in a minute.", "Try again in a minute.")


class TooManyExports(CardpayError):
    """A person asks for more exports of a list than the page shows."""

    def __init__(self, most: int) -> None:
        super().__init__(
            f"{most} exports of this list are under way.", "Wait for one of them, or cancel one."
        )


class ExportNotFound(CardpayError):
    """No file has this id, it has expired, or it is somebody else's."""

    def __init__(self) -> None:
        super().__init__("Export not found.", "It may have expired: export again.")
