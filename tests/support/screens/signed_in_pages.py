"""A desk behind a sign-in, and its pages, drawn without a browser."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from streamlit.testing.v1 import AppTest

from cardpay import bootstrap
from cardpay.domain.access.sign_in import Answer, read_identity
from cardpay.services.access import sessions
from cardpay.storage.database.engine import Duplicate
from components.frame.page_list import DeskPage
from tests.support.desks.worlds import World
from tests.support.processes.identity_provider import GROUPS
from tests.support.processes.waiting import PATIENCE_SECONDS

SHELL = Path(__file__).resolve().parents[3] / "components" / "frame" / "shell.py"
ISSUER = "https://id.example.com"
# What a session's own rules may read and write for somebody who is not let in.
_OF_SESSIONS = ("sign_in_session", "person", "audit_entry", "audit_head")


@dataclass
class SignedInPages:
    """A desk in test mode where people sign in, and what its database was asked."""

    world: World
    statements: list[str]

    def claims(self, *roles: str, sign_in: str = "1", sub: str = "") -> dict[str, object]:
        """The cookie's, of somebody with these roles who has just signed in."""
        now = int(self.world.clock.now().timestamp())
        claims: dict[str, object] = {
            "is_logged_in": True,
            "iss": ISSUER,
            "sub": sub or "-".join(roles) or "nobody",
            "iat": now,
            "exp": now + 86_400,
            "nonce": sign_in,
            "name": "Person One",
            "groups": [GROUPS[role] for role in roles],
        }
        identity = read_identity(claims, "groups")
        assert identity is not None
        admission = bootstrap.application().settings.admission
        with suppress(Duplicate):  # the same sign-in once more
            sessions.begin(self.world.desk, admission, Answer(identity), "192.0.2.1", "Firefox")
        return claims

    def shell(self, user: dict[str, object] | None, page: DeskPage | None = None) -> AppTest:
        """The desk's script, at one page's address, not drawn yet."""
        screen = self._screen(SHELL, user)
        if page is not None:
            screen.switch_page(str(page.file))
        return screen

    def bare(self, user: dict[str, object] | None, page: DeskPage) -> AppTest:
        """A page's own file without the script that guards it."""
        return self._screen(page.file, user)

    def _screen(self, file: Path, user: dict[str, object] | None) -> AppTest:
        screen = AppTest.from_file(str(file), default_timeout=PATIENCE_SECONDS)
        screen.secrets["auth"] = {"cookie_secret": "x" * 32}
        screen.user = user or {}
        return screen

    def forget(self) -> None:
        """Begin to count anew."""
        self.statements.clear()

    @property
    def read_of_the_books(self) -> list[str]:
        """Statements on anything but sessions and the audit log."""
        return [
            said
            for said in self.statements
            if said.startswith(("SELECT", "INSERT", "UPDATE", "DELETE"))
            and not any(table in said for table in _OF_SESSIONS)
        ]
