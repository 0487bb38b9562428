"""Every table, gathered here for queries and migrations; each is declared in one of `*_tables`.

Rules that hold throughout:
- a row that Stripe is the source of carries `stripe_account_id` and `livemode`, and Stripe's
  ids are unique together with both;
- amounts are 64-bit integers in the minor unit;
- personal data lives in `customer_detail` (name, e-mail, phone, note), `customer_word` and
  `payment_note` alone, which can be erased without touching the books;
- no column can hold a secret or more of a card number than its last four digits.
"""

from sqlmodel import SQLModel

from cardpay.storage.schema.audit_tables import AuditEntry, AuditHead, AuditTombstone
from cardpay.storage.schema.desk_tables import Desk, OrderNumber, Product
from cardpay.storage.schema.event_tables import StripeEvent
from cardpay.storage.schema.export_tables import ExportFile
from cardpay.storage.schema.history_tables import (
    Backfill,
    BackfillRange,
    Discrepancy,
    Lease,
    Reconciliation,
    StripeReads,
)
from cardpay.storage.schema.month_end_tables import MonthEnd
from cardpay.storage.schema.payment_tables import (
    CustomerDetail,
    CustomerWord,
    Operation,
    Payment,
    PaymentAttempt,
    PaymentLink,
    PaymentNote,
)
from cardpay.storage.schema.session_tables import Person, SignInSession
from cardpay.storage.schema.settlement_tables import (
    BalanceTransaction,
    Dispute,
    Payout,
    Refund,
    UnreadableObject,
)
from cardpay.storage.schema.total_tables import ChangedQuarter, DayTotal, TotalledDay
from cardpay.storage.schema.view_tables import ColumnChoice, SavedView

__all__ = [
    "AuditEntry",
    "AuditHead",
    "AuditTombstone",
    "Backfill",
    "BackfillRange",
    "BalanceTransaction",
    "ChangedQuarter",
    "ColumnChoice",
    "CustomerDetail",
    "CustomerWord",
    "DayTotal",
    "Desk",
    "Discrepancy",
    "Dispute",
    "ExportFile",
    "Lease",
    "MonthEnd",
    "Operation",
    "OrderNumber",
    "Payment",
    "PaymentAttempt",
    "PaymentLink",
    "PaymentNote",
    "Payout",
    "Person",
    "Product",
    "Reconciliation",
    "Refund",
    "SavedView",
    "SignInSession",
    "StripeEvent",
    "StripeReads",
    "TotalledDay",
    "UnreadableObject",
    "metadata",
]

metadata = SQLModel.metadata
