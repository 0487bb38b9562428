"""The roles, the permissions, and which role has which permission."""

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What somebody does at the desk. One person may have several roles."""

    ANALYST = "analyst"
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class Permission(StrEnum):
    """Something that a role may allow, worded to end "You don't have permission to …"."""

    BROWSE_PAYMENTS = "browse payments"
    SEE_ALL_PAYMENTS = "see all payments"
    EXPORT_PAYMENTS = "export payments"
    SEE_BOOKS = "see the books"
    TAKE_PAYMENT = "take payments"
    HOLD_PAYMENT = "hold payments"
    SEND_LINK = "send payment links"
    CANCEL_PAYMENT = "cancel payments"
    CAPTURE_PAYMENT = "capture payments"
    REFUND_PAYMENT = "refund payments"
    EMAIL_RECEIPT = "email receipts"
    ADD_NOTE = "add notes"
    USE_OPERATIONS = "use Operations"
    VIEW_AUDIT = "view the audit log"
    MANAGE_CATALOGUE = "manage products"
    VIEW_SETTINGS = "view the settings"
    MANAGE_SESSIONS = "manage sessions"


_P = Permission
PERMISSIONS: Final[dict[Role, frozenset[Permission]]] = {
    # An export is a copy of the books that leaves the desk. Those who see all payments may take
    # one; an agent, who answers the telephone, has no use for it.
    Role.ANALYST: frozenset(
        {_P.BROWSE_PAYMENTS, _P.SEE_ALL_PAYMENTS, _P.EXPORT_PAYMENTS, _P.SEE_BOOKS}
    ),
    # An agent may cancel an unpaid payment, or a caller without a second card blocks the order.
    # Without SEE_ALL_PAYMENTS they see their own payments and recent ones (RECENT_HOURS).
    # They may hold an amount, for a supervisor to capture.
    Role.AGENT: frozenset(
        {
            _P.BROWSE_PAYMENTS,
            _P.TAKE_PAYMENT,
            _P.HOLD_PAYMENT,
            _P.SEND_LINK,
            _P.CANCEL_PAYMENT,
            _P.EMAIL_RECEIPT,
            _P.ADD_NOTE,
        }
    ),
    # A refund or capture without an answer is reviewed by somebody who may make one.
    Role.SUPERVISOR: frozenset(
        {
            _P.BROWSE_PAYMENTS,
            _P.SEE_ALL_PAYMENTS,
            _P.EXPORT_PAYMENTS,
            _P.SEE_BOOKS,
            _P.CANCEL_PAYMENT,
            _P.CAPTURE_PAYMENT,
            _P.REFUND_PAYMENT,
            _P.EMAIL_RECEIPT,
            _P.ADD_NOTE,
            _P.USE_OPERATIONS,
        }
    ),
    # Operations names payments whose events failed or that differ from Stripe's: an
    # administrator has to be able to open them.
    Role.ADMIN: frozenset(
        {
            _P.BROWSE_PAYMENTS,
            _P.SEE_ALL_PAYMENTS,
            _P.EXPORT_PAYMENTS,
            _P.SEE_BOOKS,
            _P.USE_OPERATIONS,
            _P.VIEW_AUDIT,
            _P.MANAGE_CATALOGUE,
            _P.VIEW_SETTINGS,
            _P.MANAGE_SESSIONS,
        }
    ),
}

RECENT_HOURS: Final = 24
"""For how long everybody sees a payment, without SEE_ALL_PAYMENTS too.

A colleague may continue yesterday's call; older payments of others are no agent's business.
"""
