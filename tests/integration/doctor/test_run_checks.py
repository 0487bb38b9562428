"""Every check is carried out, each by itself."""

import inspect
import threading

from cardpay.doctor import all_checks
from cardpay.doctor.all_checks import CHECKS, Check
from cardpay.doctor.check_context import CheckContext
from cardpay.doctor.checks import (
    audit_checks,
    background_checks,
    database_checks,
    disk_checks,
    file_checks,
    operation_checks,
    replica_checks,
    sign_in_checks,
    stripe_checks,
    webhook_checks,
)
from cardpay.doctor.findings import Finding, Level, ok
from cardpay.doctor.run_checks import run_checks
from tests.integration.doctor.check_contexts import DEMO, context_for


def breaks(_context: CheckContext) -> Finding:
    """A check with a mistake in it, whose message would tell a secret."""
    raise ValueError("sk_test_51AbCdEfGhIjKlMnOp")


def test_one_that_breaks_or_hangs_does_not_stop_the_others() -> None:
    """It fails with its reason, without its message; what does not apply is left out."""
    for_ever = threading.Event()

    def hangs(_context: CheckContext) -> Finding:
        for_ever.wait()
        return ok("Done.")

    given = (
        Check("One", "broken", breaks),
        Check("One", "hanging", hangs),
        Check("Two", "idle", lambda _context: None),
        Check("Two", "well", lambda _context: ok("Well.")),
    )
    results = list(run_checks(context_for(DEMO), given, seconds=3))
    for_ever.set()
    assert [(one.name, one.finding.level, one.finding.what) for one in results] == [
        ("broken", Level.FAIL, "This could not be checked (ValueError)."),
        ("hanging", Level.FAIL, "No answer within 3 s."),
        ("well", Level.OK, "Well."),
    ]


def test_every_check_is_in_the_table_once() -> None:
    """Whoever writes one is told here; a group stands together."""
    written = {
        function
        for module in (
            audit_checks,
            background_checks,
            database_checks,
            disk_checks,
            file_checks,
            operation_checks,
            replica_checks,
            sign_in_checks,
            stripe_checks,
            webhook_checks,
        )
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    } | {all_checks.settings}
    listed = [check.look for check in CHECKS]
    assert set(listed) == written
    assert len(listed) == len(written) == len({(one.group, one.name) for one in CHECKS})
    groups = [one.group for one in CHECKS]
    assert groups == sorted(groups, key=groups.index)
