"""Beginning the demo again, as at its first start, while it runs."""

from pathlib import Path

from cardpay.demo import seed_new_database
from cardpay.demo.past.older_past import OlderPast
from cardpay.sandbox import Sandbox
from cardpay.services import database_account
from cardpay.services.desk import Desk


def begin_again(
    desk: Desk, sandbox: Sandbox, older_past: OlderPast, months: int, heads: Path
) -> None:
    """Forget all payments and all that was changed, and invent the past anew.

    The audit log begins anew too, and with it the file that says where it ended.
    """
    with older_past.interrupted(), desk.store.emptied():
        heads.unlink(missing_ok=True)
        seed_new_database.seed(desk, sandbox, months)
        database_account.claim(desk.store, desk.account)
    older_past.task.wake()
