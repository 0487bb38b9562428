"""The pages: file, address, title and the permission that opens each. Links use this list."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cardpay.domain.access.permissions import Permission

_FOLDER: Final = Path(__file__).resolve().parents[2] / "pages"


@dataclass(frozen=True)
class DeskPage:
    """One page. `name` is its file's name."""

    name: str
    title: str
    icon: str
    permission: Permission

    @property
    def file(self) -> Path:
        """The absolute path, since Streamlit resolves others beside its main script."""
        return _FOLDER / f"{self.name}.py"

    @property
    def path(self) -> str:
        """Its path in the address: Streamlit serves the first page at `/` alone."""
        return "/" if self is TAKE_PAYMENT else f"/{self.name}"


TAKE_PAYMENT: Final = DeskPage(
    "take_payment", "Take payment", ":material/add_card:", Permission.TAKE_PAYMENT
)
PAYMENTS: Final = DeskPage(
    "payments", "Payments", ":material/receipt_long:", Permission.BROWSE_PAYMENTS
)
PAYMENT: Final = DeskPage("payment", "Payment", ":material/receipt:", Permission.BROWSE_PAYMENTS)
ATTEMPTS: Final = DeskPage(
    "attempts", "Attempts", ":material/credit_card:", Permission.SEE_ALL_PAYMENTS
)
REFUNDS: Final = DeskPage("refunds", "Refunds", ":material/undo:", Permission.SEE_ALL_PAYMENTS)
DISPUTES: Final = DeskPage("disputes", "Disputes", ":material/gavel:", Permission.SEE_ALL_PAYMENTS)
CUSTOMERS: Final = DeskPage(
    "customers", "Customers", ":material/group:", Permission.SEE_ALL_PAYMENTS
)
PRODUCTS: Final = DeskPage("products", "Products", ":material/sell:", Permission.MANAGE_CATALOGUE)
NEEDS_REVIEW: Final = DeskPage(
    "needs_review", "Needs review", ":material/flag:", Permission.USE_OPERATIONS
)
INSIGHTS: Final = DeskPage("insights", "Insights", ":material/insights:", Permission.SEE_BOOKS)
BALANCE: Final = DeskPage("balance", "Balance", ":material/account_balance:", Permission.SEE_BOOKS)
OPERATIONS: Final = DeskPage(
    "operations", "Operations", ":material/monitor_heart:", Permission.USE_OPERATIONS
)
AUDIT: Final = DeskPage("audit", "Audit log", ":material/policy:", Permission.VIEW_AUDIT)
SESSIONS: Final = DeskPage(
    "sessions", "Sessions", ":material/devices:", Permission.MANAGE_SESSIONS
)
SETTINGS: Final = DeskPage("settings", "Settings", ":material/settings:", Permission.VIEW_SETTINGS)

MORE: Final = "More"
# The section "" stands in the header itself, others are menus beside it. The first page is at `/`.
# Whoever may not open it starts at the first page that they may open.
SECTIONS: Final = {
    "": (TAKE_PAYMENT, PAYMENTS, NEEDS_REVIEW, CUSTOMERS, INSIGHTS, BALANCE),
    MORE: (ATTEMPTS, REFUNDS, DISPUTES, OPERATIONS, PRODUCTS, AUDIT, SESSIONS, SETTINGS),
}
# Reached by links alone.
LINKED: Final = (PAYMENT,)
PAGES: Final = (*(page for pages in SECTIONS.values() for page in pages), *LINKED)
