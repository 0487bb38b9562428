"""Everything that a suite of tests left behind, looked through for what must not be there."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from tests.support.processes.identity_provider import CLIENT_SECRET, COOKIE_SECRET, PEOPLE
from tests.support.screens.take_payment_screen import CUSTOMER_EMAIL, CUSTOMER_NAME, POSTAL_CODE
from tests.support.secrets.secret_scan import Finding, scan_bytes, scan_files
from tests.support.secrets.traffic import Piece, Traffic

# What the suite's settings hold, which looks like nothing in particular.
SETTINGS: Final = frozenset({CLIENT_SECRET, COOKIE_SECRET})
# What people typed, and what the identity provider says of them: never in a log.
PERSONAL: Final = frozenset({CUSTOMER_NAME, CUSTOMER_EMAIL, POSTAL_CODE, *PEOPLE})
# The desk's logs and databases; the stand-in's own are Stripe's side, and the provider's are its.
_LOGS = ("app.log", "receiver.log")
_DATABASE = "desk.db"
_TEST_CARDS = b"A press fills the card in, or copies it"
_ACTION = re.compile(rb'"phase":\s*"action"')


@dataclass(frozen=True)
class LeftBehind:
    """The folders of the desks that ran, what travelled, and the hosts that stood for Stripe."""

    folders: Collection[Path]
    traffic: Traffic
    stripe_hosts: Collection[str]

    @property
    def logs(self) -> list[Path]:
        """What the desks wrote."""
        return [path for path in self._files() if path.name in _LOGS]

    @property
    def databases(self) -> list[Path]:
        """Where the desks kept what they know, with SQLite's files beside them."""
        return [path for path in self._files() if path.name.startswith(_DATABASE)]

    def findings(self) -> list[Finding]:
        """All that must not be there."""
        found = scan_files(self.logs, literals=SETTINGS | PERSONAL, addresses=True)
        found += scan_files(self.databases, literals=SETTINGS)
        found += scan_files([self.traffic.downloads], literals=SETTINGS)
        for piece in self.traffic.pieces():
            found += self._in_traffic(piece)
        return found

    def _files(self) -> list[Path]:
        return [path for folder in self.folders for path in sorted(folder.iterdir())]

    def _in_traffic(self, piece: Piece) -> Iterator[Finding]:
        where = f"{piece.part} to the {piece.to} at {piece.url.partition('?')[0]}"
        for finding in scan_bytes(piece.content, where, literals=SETTINGS):
            if not self._is_allowed(finding, piece):
                yield finding

    def _is_allowed(self, finding: Finding, piece: Piece) -> bool:
        """What has to travel, and why. A publishable key is no finding at all: it is public."""
        told_by_desk = piece.part == "frame" and piece.to == "browser"
        match finding.kind:
            case "card number" | "client secret" if self._is_stripes(piece.url):
                # The browser types the card into Stripe's fields, and asks Stripe about the
                # challenge: both go past the desk.
                return True
            case "card number":
                # The list of Stripe's published test cards, which is drawn for people to press.
                return told_by_desk and _TEST_CARDS in piece.content
            case "client secret":
                # `handleNextAction` needs it, once an action is required and no sooner.
                return told_by_desk and bool(_ACTION.search(piece.content))
        return False

    def _is_stripes(self, url: str) -> bool:
        parts = urlsplit(url)
        return parts.netloc in self.stripe_hosts or parts.path.startswith("/sandbox/")
