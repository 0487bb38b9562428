"""How an import or a reconciliation ended is kept in its row, whatever ended it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cardpay.domain.errors import CardpayError
from cardpay.logs.logger import failure, get_logger
from cardpay.storage.database.lease import LeaseLost

_log = get_logger(__name__)


@contextmanager
def noted_end(
    end: Callable[[str], None],
    work: str,
    taken_over: Callable[[], CardpayError],
    failed: Callable[[Exception], CardpayError],
) -> Iterator[None]:
    """Around the work: `end` keeps the sentence that says why it stopped early.

    Raises `taken_over` where the lease was lost, `failed` for an unexpected error, and other
    CardpayErrors as they are.
    """
    try:
        yield
    except LeaseLost as lost:
        stopped = taken_over()
        end(stopped.what)
        raise stopped from lost
    except CardpayError as error:
        end(error.what)
        raise
    except Exception as error:
        _log.error(f"{work} failed", **failure(error))
        broken = failed(error)
        end(broken.what)
        raise broken from error
