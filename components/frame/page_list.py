"""The pages, each with the permission that opens it: the navigation, and what links may name."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cardpay.domain.access.actor import Permission

_FOLDER: Final = Path(__file__).resolve().parents[2] / "pages"


@dataclass(frozen=True)
class DeskPage:
    """One page: its file, its place in the address, and who may open it."""

    name: str
    title: str
    icon: str
    permission: Permission

    @property
    def file(self) -> Path:
        """An absolute path, since Streamlit resolves others beside its main script."""
        return _FOLDER / f"{self.name}.py"


# The first stands at `/`; who may not open it begins at the first that they may.
PAGES: Final = (
    DeskPage("take_payment", "Take payment", ":material/add_card:", Permission.TAKE_PAYMENT),
    DeskPage("payments", "Payments", ":material/receipt_long:", Permission.BROWSE_PAYMENTS),
    DeskPage("products", "Products", ":material/sell:", Permission.MANAGE_CATALOGUE),
    DeskPage("operations", "Operations", ":material/monitor_heart:", Permission.USE_OPERATIONS),
    DeskPage("audit", "Audit log", ":material/policy:", Permission.VIEW_AUDIT),
    DeskPage("settings", "Settings", ":material/settings:", Permission.VIEW_SETTINGS),
)
