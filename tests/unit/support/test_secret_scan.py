"""The scanner finds what was planted, and nothing in what a desk may keep."""

import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from tests.support.secrets.secret_scan import is_card_number, scan_bytes, scan_files

PLANTED = [
    pytest.param("sk_test_4eC39HqLyjWDarjtT1zdp7dc", "secret key", id="secret key"),
    pytest.param("Authorization: Bearer sk_live_abcdefgh12345678", "secret key", id="live key"),
    pytest.param("rk_live_abcdefgh12345678", "secret key", id="restricted key"),
    pytest.param("whsec_abcdefgh12345678", "webhook secret", id="webhook secret"),
    pytest.param(
        '"pi_3MtwBwLkdIwHu7ix28a3tqPa_secret_YrKJUKribcBjcG8HVhfZluoGH"',
        "client secret",
        id="client secret",
    ),
    pytest.param("number=4242424242424242&cvc=123", "card number", id="form field"),
    pytest.param("card%5Bnumber%5D=4242+4242+4242+4242", "card number", id="form with plus"),
    pytest.param("card[number]=4242%204242%204242%204242", "card number", id="percent encoding"),
    pytest.param('{"note": "4000 0000 0000 0002 twice"}', "card number", id="spaces"),
    pytest.param("3782-822463-10005", "card number", id="American Express"),
    pytest.param("5555.5555.5555.4444,", "card number", id="dots"),
    pytest.param("sum 12 4242424242424242", "card number", id="behind another number"),
    pytest.param("\x00\x174242424242424242\x00", "card number", id="in a binary file"),
]

KEPT = [
    pytest.param("Visa •••• 4242", id="last four"),
    pytest.param("pk_test_TYooMQauvdEDq54NiTphI7jx", id="publishable key"),
    pytest.param("pi_3MtwBwLkdIwHu7ix28a3tqPa", id="PaymentIntent"),
    pytest.param("pm_4242424242424242", id="digits of an id"),
    pytest.param("0x4242424242424242", id="hexadecimal"),
    pytest.param("0.4242424242424242", id="fraction"),
    pytest.param("42424242-4242-4242-8242-424242424242", id="UUID"),
    pytest.param("2024-02-29 12:00:00.000000", id="time"),
    pytest.param("4242424242424241", id="wrong check digit"),
    pytest.param("sk_test_…", id="a key's form"),
]


@pytest.mark.parametrize(("text", "kind"), PLANTED)
def test_what_was_planted_is_found(text: str, kind: str) -> None:
    """By kind, and without repeating it whole."""
    (found,) = {(each.kind, each.text) for each in scan_bytes(text.encode())}
    assert found[0] == kind
    assert len(found[1]) <= 11


@pytest.mark.parametrize("text", KEPT)
def test_what_may_be_kept_is_not_found(text: str) -> None:
    """Ids, times and last fours are no secrets."""
    assert not list(scan_bytes(text.encode()))


def test_a_number_ends_where_an_id_begins() -> None:
    """In a database file a time and an id stand side by side, without anything in between."""
    seconds = next(
        f"5{tens}.{rest:06}"
        for tens in range(1, 6)
        for rest in range(1_000_000)
        if is_card_number(f"5{tens}{rest:06}82080574")
    )
    behind = b"82080574-68c2-4089-9793-fd6a05183155"
    assert not list(scan_bytes(b"22:36:" + seconds.encode() + behind))
    assert [*scan_bytes(b" 4242424242424242" + behind)]


def test_many_uuids_are_not_card_numbers() -> None:
    """Their groups of digits now and then pass Luhn."""
    ids = "\n".join(
        str(UUID(int=seed * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128)) for seed in range(20_000)
    )
    assert not list(scan_bytes(ids.encode()))


def test_an_allowed_key_passes() -> None:
    """The sandbox's own key is no secret; another one is."""
    text = b"sk_test_abcdefgh12345678 sk_test_zyxwvuts12345678"
    found = list(scan_bytes(text, allowed={"sk_test_abcdefgh12345678"}))
    assert [each.text for each in found] == ["sk_test_zy…"]


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(("a", "paid with 4242 4242 4242 4242", "z"), id="text"),
        pytest.param(("a", "4242424242424242", "visa"), id="columns that touch"),
        pytest.param(("a", 4242424242424242, "visa"), id="integer"),
    ],
)
def test_a_database_is_read_value_by_value(tmp_path: Path, values: tuple[object, ...]) -> None:
    """In the file itself nothing stands between two columns."""
    with closing(sqlite3.connect(tmp_path / "desk.db")) as connection:
        connection.execute("CREATE TABLE payment (name, note, brand)")
        connection.execute("INSERT INTO payment VALUES (?, ?, ?)", values)
        connection.commit()
    assert {each.kind for each in scan_files([tmp_path])} == {"card number"}


def test_a_database_file_is_read_with_what_was_deleted(tmp_path: Path) -> None:
    """SQLite may leave a deleted row's bytes in the file."""
    with closing(sqlite3.connect(tmp_path / "desk.db")) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("CREATE TABLE note (text TEXT)")
        connection.execute("INSERT INTO note VALUES ('paid with 4242 4242 4242 4242')")
        connection.commit()
        connection.execute("DELETE FROM note")
        connection.commit()
    assert [each.kind for each in scan_files([tmp_path])] == ["card number"]
