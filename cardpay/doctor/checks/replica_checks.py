"""The replica that lists, Insights and exports are read from, where there is one."""

from cardpay.doctor.check_context import CheckContext
from cardpay.doctor.durations import about
from cardpay.doctor.findings import Finding, fail, ok, warn
from cardpay.reporting.figures_behind import TOLD_FROM
from cardpay.storage.database.replica import Replica


def replica(context: CheckContext) -> Finding | None:
    """Whether it answers, has the same books, and is not far behind."""
    url = context.settings.reporting_database_url
    if context.other_problem or context.store is None or url is None:
        return None
    found = Replica(url, context.store.engine)
    look = found.look()
    found.engine.dispose()
    if look.problem:
        return fail(
            f"The replica is not read: {look.problem}.",
            "Until it can be, lists, Insights and exports read the database itself. Correct "
            "CARDPAY_REPORTING_DATABASE_URL, or repair the replica.",
        )
    if look.behind > TOLD_FROM:
        return warn(
            f"The replica is {about(look.behind)} behind.",
            "Look at its server, at the way there, and at long queries on it: "
            "`max_standby_streaming_delay` is how long it waits for one.",
        )
    return ok("The replica answers; it is a standby server with the same books, and not behind.")
