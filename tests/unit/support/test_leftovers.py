"""What is planted in any of the places is found; what has to travel is not."""

import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.processes.identity_provider import COOKIE_SECRET
from tests.support.screens.take_payment_screen import CUSTOMER_EMAIL, CUSTOMER_NAME
from tests.support.secrets.leftovers import LeftBehind
from tests.support.secrets.traffic import Part, Piece, To, Traffic

KEY = "sk_test_4eC39HqLyjWDarjtT1zdp7dc"
CLIENT = "pi_3MtwBwLkdIwHu7ix28a3tqPa_secret_YrKJUKribcBjcG8HVhfZluoGH"
CARD = "4242 4242 4242 4242"
DESK = "http://127.0.0.1:8501"
STRIPE = "http://127.0.0.1:12111"
SOCKET = "ws://127.0.0.1:8501/_stcore/stream"
CARDS = f"A press fills the card in, or copies it {CARD}"
WAITS = f'{{"phase": "action", "client_secret": "{CLIENT}"}}'

Plant = Callable[[LeftBehind, str], None]


@pytest.fixture
def left(tmp_path: Path) -> LeftBehind:
    """A desk in order: a log, a database, an export and some traffic."""
    folder = tmp_path / "desk"
    folder.mkdir()
    (folder / "app.log").write_text('{"event": "done by Stripe", "payment_id": "1"}\n')
    with closing(sqlite3.connect(folder / "desk.db")) as database:
        database.execute("CREATE TABLE customer_detail (name, note)")
        database.execute("INSERT INTO customer_detail VALUES (?, '')", [CUSTOMER_NAME])
        database.commit()
    traffic = Traffic(tmp_path / "traffic")
    (traffic.downloads / "0-payments.csv").write_text(f"customer,amount\n{CUSTOMER_NAME},12.00\n")
    traffic.write(Piece("frame", "browser", SOCKET, CUSTOMER_NAME.encode()))
    return LeftBehind([folder], traffic, {"127.0.0.1:12111"})


def log(left: LeftBehind, secret: str) -> None:
    """A line of a log."""
    with left.logs[0].open("a") as file:
        file.write(f'{{"event": "said {secret}"}}\n')


def database(left: LeftBehind, secret: str) -> None:
    """A column of a table."""
    with closing(sqlite3.connect(left.databases[0])) as connection:
        connection.execute("UPDATE customer_detail SET note = ?", [f"see {secret}"])
        connection.commit()


def download(left: LeftBehind, secret: str) -> None:
    """A cell of an export."""
    with (left.traffic.downloads / "0-payments.csv").open("a") as file:
        file.write(f"{secret},1.00\n")


def workbook(left: LeftBehind, secret: str) -> None:
    """A cell of a workbook, which is an archive."""
    with zipfile.ZipFile(
        left.traffic.downloads / "1-payments.xlsx", "w", zipfile.ZIP_DEFLATED
    ) as archive:
        archive.writestr("xl/sharedStrings.xml", f"<si><t>{secret}</t></si>")


def travelling(part: Part, to: To, url: str) -> Plant:
    """A piece of the traffic."""

    def plant(left: LeftBehind, secret: str) -> None:
        left.traffic.write(Piece(part, to, url, f"x {secret} y".encode()))

    return plant


PLACES = [
    pytest.param(log, id="log"),
    pytest.param(database, id="database"),
    pytest.param(download, id="export"),
    pytest.param(workbook, id="workbook"),
    pytest.param(travelling("frame", "server", SOCKET), id="frame that was sent"),
    pytest.param(travelling("frame", "browser", SOCKET), id="frame that came"),
    pytest.param(travelling("address", "server", f"{DESK}/x?y"), id="address"),
    pytest.param(travelling("headers", "server", DESK), id="headers of a request"),
    pytest.param(travelling("headers", "browser", DESK), id="headers of an answer"),
    pytest.param(travelling("body", "server", f"{DESK}/_stcore/upload"), id="body of a request"),
    pytest.param(travelling("body", "browser", f"{DESK}/media/x.csv"), id="body of an answer"),
]


def test_a_desk_in_order_has_nothing_to_find(left: LeftBehind) -> None:
    """A customer's name belongs into the database, an export and onto the screen."""
    assert left.findings() == []


@pytest.mark.sampled(3)
@pytest.mark.parametrize("plant", PLACES)
@pytest.mark.parametrize(
    ("secret", "kind"),
    [
        pytest.param(KEY, "secret key", id="secret key"),
        pytest.param("whsec_cardpayTests0001", "webhook secret", id="webhook secret"),
        pytest.param(CLIENT, "client secret", id="client secret"),
        pytest.param(CARD, "card number", id="card number"),
        pytest.param(COOKIE_SECRET, "known text", id="a setting"),
    ],
)
def test_what_was_planted_is_found(left: LeftBehind, plant: Plant, secret: str, kind: str) -> None:
    """Each kind of secret in each of the places."""
    plant(left, secret)
    assert {finding.kind for finding in left.findings()} == {kind}


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (CUSTOMER_NAME, {"known text"}),
        ("Agent One", {"known text"}),
        (CUSTOMER_EMAIL, {"known text", "e-mail address"}),
        ("somebody.else@example.com", {"e-mail address"}),
    ],
)
def test_a_log_holds_nothing_personal(left: LeftBehind, text: str, kinds: set[str]) -> None:
    """What the suite typed, and whatever else looks like an address."""
    log(left, text)
    assert {finding.kind for finding in left.findings()} == kinds


@pytest.mark.parametrize(
    ("part", "to", "url", "text", "is_allowed"),
    [
        pytest.param("body", "server", f"{STRIPE}/v1/payment_methods", CARD, True, id="to Stripe"),
        pytest.param("body", "server", f"{DESK}/sandbox/v1/x", CARD, True, id="to the demo's"),
        pytest.param("body", "browser", f"{STRIPE}/v1/x", CLIENT, True, id="from Stripe"),
        pytest.param("body", "server", f"{STRIPE}/v1/x", KEY, False, id="a key to Stripe"),
        pytest.param("frame", "browser", SOCKET, WAITS, True, id="an action is required"),
        pytest.param("frame", "browser", SOCKET, CLIENT, False, id="no action is required"),
        pytest.param("frame", "server", SOCKET, WAITS, False, id="client secret back to us"),
        pytest.param("body", "browser", f"{DESK}/x", WAITS, False, id="action by HTTP"),
        pytest.param("frame", "browser", SOCKET, CARDS, True, id="list of test cards"),
        pytest.param("frame", "server", SOCKET, CARDS, False, id="test card to us"),
        pytest.param("body", "server", f"{DESK}/x?/sandbox/", CARD, False, id="not Stripe's"),
    ],
)
def test_what_has_to_travel(
    left: LeftBehind, part: Part, to: To, url: str, text: str, is_allowed: bool
) -> None:
    """The card goes to Stripe, a client secret to the browser that needs it; nothing else."""
    left.traffic.write(Piece(part, to, url, text.encode()))
    assert (left.findings() == []) is is_allowed
