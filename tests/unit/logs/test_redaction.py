"""What is blotted out of a log line, and what passes unharmed."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardpay.logs.redaction import Redaction, without_query
from tests.support.long_texts import costs_in_proportion
from tests.support.secrets.secret_scan import scan_bytes

CARD = "4242424242424242"
SETTING = "a-cookie-secret-of-ours/+="

BLOTTED = [
    pytest.param("sk_test_4eC39HqLyjWDarjtT1zdp7dc", "4eC39", id="secret key"),
    pytest.param("key=rk_live_abcdefgh12345678.", "abcdefgh", id="restricted key"),
    pytest.param("whsec_abcdefgh12345678", "abcdefgh", id="webhook secret"),
    pytest.param("pi_3Mtw_secret_YrKJUKribcBj", "YrKJ", id="client secret"),
    pytest.param("seti_3Mtw_secret_YrKJUKribcBj", "YrKJ", id="client secret of a SetupIntent"),
    pytest.param(f"paid with {CARD}!", CARD, id="card number"),
    pytest.param("4242 4242-4242.4242", "4242-4242", id="card number in groups"),
    pytest.param("card%5Bnumber%5D=4242+4242+4242+4242", "4242+4242", id="in a form"),
    pytest.param("number=4242%204242%204242%204242", "4242%20", id="percent-encoded"),
    pytest.param("+\u0300378282246310005", "37828", id="card number behind a plus and an accent"),
    pytest.param("the cvv is 123", "123", id="security code"),
    pytest.param("card[cvc]=987&x=1", "987", id="security code in a form"),
    pytest.param("card%5Bcvc%5D=987", "987", id="security code in an encoded form"),
    pytest.param("to customer.one@example.com,", "customer.one", id="e-mail"),
    pytest.param("receipt_email=customer.one%40example.com", "customer.one", id="encoded e-mail"),
    pytest.param("Authorization: Bearer abc.def", "abc.def", id="bearer token"),
    pytest.param("sent 'bearer abcdefghijkl' to", "abcdefghijkl", id="bearer within text"),
    pytest.param("Basic c2tfdGVzdF9hYmM6cGFzcw==", "c2tf", id="basic credentials"),
    pytest.param("eyJhbGciOi.eyJzdWIiOi.c2ln", "eyJzdWI", id="identity token"),
    pytest.param("Cookie: _streamlit_user=abc; b=c", "abc", id="cookie header"),
    pytest.param("Set-Cookie: a=b; Secure", "a=b", id="cookie that is set"),
    pytest.param("(b'cookie', b'_streamlit_user=abc')", "abc", id="cookie in an ASGI scope"),
    pytest.param('{"client_secret": "abc def"}', "abc def", id="name in JSON"),
    pytest.param("{'password': 'it\\'s hidden'}", "hidden", id="name in a Python dict"),
    pytest.param("{'customer_name': 'Customer One', 'a': 1}", "Customer", id="personal name"),
    pytest.param("grant?code=1&refresh_token=abc", "abc", id="name in a form"),
    pytest.param("postgresql://desk:pa55word@db/desk", "pa55word", id="password in an URL"),
    pytest.param("GET /payments?search=Customer%20One", "Customer", id="query"),
    pytest.param("Key exists.\nDETAIL:  (SO-1, Customer One)", "Customer", id="PostgreSQL's row"),
    pytest.param(f"with {SETTING} in it", "cookie-secret", id="a setting's own value"),
    pytest.param("a-cookie-secret-of-ours%2F%2B%3D", "cookie-secret", id="the same, quoted"),
]

KEPT = [
    "pi_3MtwBwLkdIwHu7ix28a3tqPa",
    "pm_42424242424242424a",
    "req_42424242424b42424242",
    "cardpay-confirm-42424242-4242-4242-8242-424242424242",
    "42424242-4242-4242-8242-424242424242",
    "a4242424242424242b4242424242424242c",
    "2024-02-29T12:00:00.424242+00:00",
    "2242-12-22 22:22:22",
    "2022-12-23T23:59:59Z",
    "0.4242424242424242",
    "1709208000",
    "1709208000123",
    "pk_test_TYooMQauvdEDq54NiTphI7jx",
    "acct_1WxYpIkbGaajPtRB",
    "GET /payments HTTP/1.1",
    "127.0.0.1:8501",
    "started in 0.5 s, 12 of 300 objects",
    "https://desk.example.com/oauth2callback",
    "/payments?payment=11111111-1111-4111-8111-111111111111",
    "Visa •••• 4242",
    "The comparison stopped, since Stripe does not answer (no reply).",
]

redaction = Redaction([SETTING, "short"])


@pytest.mark.parametrize(("text", "secret"), BLOTTED)
def test_what_must_not_be_kept_is_blotted_out(text: str, secret: str) -> None:
    """Wherever in a text it stands, and within a mapping in a list."""
    assert secret not in redaction.text(text)
    assert secret not in str(redaction.value([{"a": (text, ValueError(text))}, text.encode()]))


@pytest.mark.parametrize("text", KEPT)
def test_ids_and_times_pass_unharmed(text: str) -> None:
    """A line without its ids would be of no use."""
    assert redaction.text(text) == text
    assert redaction.text(f"({text})") == f"({text})"


@pytest.mark.parametrize(
    ("value", "becomes"),
    [
        pytest.param(4242424242424242, "•••• 4242", id="card number"),
        pytest.param(4242424242424242.0, "•••• 4242", id="the same as a float"),
        pytest.param(1709208000123, 1709208000123, id="milliseconds"),
        pytest.param(1709208000.123456, 1709208000.123456, id="seconds"),
        pytest.param(None, None, id="nothing"),
        pytest.param(True, True, id="truth"),
        pytest.param(UUID(int=0x42424242424242428242424242424242),
                     "42424242-4242-4242-8242-424242424242", id="UUID"),
        pytest.param(datetime(2024, 2, 29, tzinfo=UTC), "2024-02-29T00:00:00+00:00", id="time"),
        pytest.param({"Api-Key": "abc", "x": 1}, {"Api-Key": "•••", "x": 1}, id="name"),
        pytest.param({"cookie": None}, {"cookie": None}, id="name without a value"),
    ],
)  # fmt: skip
def test_values_of_every_kind(value: object, becomes: object) -> None:
    """Numbers stay numbers, unless they are a card's."""
    assert redaction.value(value) == becomes


def test_what_cannot_be_written_does_not_stop_the_line() -> None:
    """Nor does what holds itself."""

    class Unwritable:
        def __str__(self) -> str:
            raise RuntimeError(CARD)

    loop: list[Any] = []
    loop.append(loop)
    assert redaction.value(Unwritable()) == "<Unwritable>"
    assert "…" in str(redaction.value(loop))


@pytest.mark.parametrize(
    ("target", "kept"),
    [
        ("/payments", "/payments"),
        ("/payments?search=Customer", "/payments?…"),
        ("/x?Customer%20One", "/x?…"),
        (
            "/?search=x&payment=11111111-1111-4111-8111-111111111111&name=y",
            "/?payment=11111111-1111-4111-8111-111111111111",
        ),
        ("/?payment=Customer%20One", "/?…"),
    ],
)
def test_of_a_query_a_payments_id_is_kept_alone(target: str, kept: str) -> None:
    """The rest may be what somebody typed."""
    assert without_query(target) == kept


LETTERS = st.text("abcdefghijkXYZ0123456789", min_size=12, max_size=40)
SECRETS = st.one_of(
    LETTERS.map(lambda rest: f"sk_live_{rest}"),
    LETTERS.map(lambda rest: f"rk_test_{rest}"),
    LETTERS.map(lambda rest: f"whsec_{rest}"),
    LETTERS.map(lambda rest: f"pi_3Mtw_secret_{rest}"),
    st.sampled_from([CARD, "378282246310005", "5555555555554444"]),
    st.lists(st.sampled_from([" ", "-", ".", ""]), min_size=3, max_size=3).map(
        lambda gaps: "4000" + gaps[0] + "0025" + gaps[1] + "0000" + gaps[2] + "3155"
    ),
)
AROUND = st.text(st.characters(exclude_categories=("Cs", "Nd", "No", "Nl", "L")), max_size=20)
NESTED = st.recursive(
    st.tuples(AROUND, SECRETS, AROUND).map("".join),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3) | st.dictionaries(AROUND, inner, min_size=1)
    ),
    max_leaves=5,
)


@given(NESTED)
def test_no_secret_passes_however_deep(value: object) -> None:
    """The scanner that looks through the logs finds nothing in what is left."""
    left = str(redaction.value(value))
    assert not list(scan_bytes(left.encode()))


# Stripe's ids are of letters and digits mixed; so many digits alone would be a card's number.
IDS = st.from_regex(r"(?:[0-9]{1,12}[a-kX-Z]){2,4}", fullmatch=True)


@given(
    st.one_of(
        st.uuids().map(str),
        st.integers(946_684_800_000_000, 4_070_908_800_000_000).map(
            lambda microseconds: datetime.fromtimestamp(microseconds / 1e6, UTC).isoformat()
        ),
        st.tuples(st.sampled_from(["pi", "ch", "pm", "evt", "req", "txn"]), IDS).map("_".join),
        st.integers(0, 2_000_000_000_000),
        st.floats(0, 2_000_000_000),
    )
)
def test_no_id_or_time_is_harmed(value: object) -> None:
    """Whatever its digits happen to be."""
    assert redaction.value(value) == value


def test_a_flood_of_text_is_neither_read_nor_written() -> None:
    """Half of it could be half of a card number, so that nothing of it stands."""
    redaction = Redaction()
    assert redaction.text("4242 4242 4242 4242 " * 5_000) == "(100000 characters)"
    assert redaction.text("x" * 20_000) == "x" * 20_000


@pytest.mark.parametrize(
    "text", ["\u0664", "\n ", "?a", "3", " ", "a=", "://a:", "eyJ-", '"name":']
)
def test_no_text_holds_it_up(text: str) -> None:
    """Whatever somebody makes a library quote."""
    assert costs_in_proportion(Redaction().text, text, 19_000)
