"""Every check, in the order in which the doctor prints them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

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
from cardpay.doctor.findings import Finding, fail, ok


@dataclass(frozen=True)
class Check:
    """One check. `look` returns None where it does not apply, or where an earlier one failed."""

    group: str
    name: str
    look: Callable[[CheckContext], Finding | None]


def settings(context: CheckContext) -> Finding:
    """Whether they fit together."""
    if context.other_problem:
        return fail(context.other_problem, "docs/settings.md says what each variable is.")
    return ok("They fit together.")


CHECKS: Final = (
    Check("Settings", "settings", settings),
    Check("Settings", "key files", file_checks.key_files),
    Check("Stripe", "keys", stripe_checks.keys),
    Check("Stripe", "reach", stripe_checks.reach),
    Check("Stripe", "account", stripe_checks.account),
    Check("Stripe", "telephone", stripe_checks.telephone_orders),
    Check("Stripe", "clock", stripe_checks.clock),
    Check("Stripe", "reads", stripe_checks.reads),
    Check("Webhooks", "secret", webhook_checks.secret),
    Check("Webhooks", "arrival", webhook_checks.arrival),
    Check("Webhooks", "delay", webhook_checks.delay),
    Check("Webhooks", "version", webhook_checks.version),
    Check("Webhooks", "applied", webhook_checks.applied),
    Check("Database", "reachable", database_checks.reachable),
    Check("Database", "migrations", database_checks.migrations),
    Check("Database", "account", database_checks.account),
    Check("Database", "encryption", database_checks.encrypted),
    Check("Database", "replica", replica_checks.replica),
    Check("Database", "kind", database_checks.fit_for_live),
    Check("Database", "file", file_checks.database_file),
    Check("Database", "disk space", disk_checks.space),
    Check("Sign-in", "sign-in", sign_in_checks.settings),
    Check("Sign-in", "issuer", sign_in_checks.issuer),
    Check("Sign-in", "TLS", sign_in_checks.tls),
    Check("Sign-in", "proxies", sign_in_checks.proxies),
    Check("Audit log", "key", audit_checks.key),
    Check("Audit log", "heads", audit_checks.heads),
    Check("Audit log", "place", audit_checks.place),
    Check("Work", "recovery", operation_checks.recovery),
    Check("Work", "people", operation_checks.people),
    Check("Work", "reconciliation", background_checks.reconciliation),
    Check("Work", "compared", background_checks.compared),
    Check("Work", "objects", background_checks.set_aside),
    Check("Work", "payouts", background_checks.payouts),
    Check("Work", "retention", background_checks.retained),
)
