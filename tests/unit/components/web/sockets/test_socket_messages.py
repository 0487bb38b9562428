"""Which messages a browser may send to Streamlit's socket."""

import json
import re
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from components.web.sockets.socket_messages import (
    BEFORE_SIGN_IN,
    SIGNED_IN,
    MessageRules,
    Verdict,
    judge,
)

ROOT = Path(__file__).resolve().parents[5]
BOTH = [pytest.param(BEFORE_SIGN_IN, id="stranger"), pytest.param(SIGNED_IN, id="signed in")]
KINDS = [
    *(field.name for field in BackMsg.DESCRIPTOR.fields if field.message_type is None),
    "file_urls_request",
]
PAYLOADS = [
    field.name
    for field in BackMsg.DESCRIPTOR.fields_by_name["backend_operation_request"].message_type.fields
    if field.message_type is not None
]
SENT = {"stop_script"}


def run(**fields: str) -> bytes:
    """A rerun, as Streamlit's page asks for it."""
    message = BackMsg()
    message.rerun_script.SetInParent()
    for name, value in fields.items():
        setattr(message.rerun_script, name, value)
    return bytes(message.SerializeToString())


def of_kind(kind: str) -> bytes:
    """The shortest message of a kind."""
    message = BackMsg()
    if kind in PAYLOADS:
        getattr(message.backend_operation_request, kind).SetInParent()
    elif kind == "file_urls_request":
        message.file_urls_request.SetInParent()
    else:
        setattr(message, kind, True)
    return bytes(message.SerializeToString())


def typed(characters: int) -> bytes:
    """A rerun with so much in one of its fields."""
    message = BackMsg()
    message.rerun_script.widget_states.widgets.add(id="$$ID-1-name", string_value="x" * characters)
    return bytes(message.SerializeToString())


@pytest.mark.parametrize("rules", BOTH)
def test_a_page_may_ask_to_be_drawn(rules: MessageRules) -> None:
    """With what it shows and what was pressed."""
    assert judge(run(query_string="payment=1", page_name="payments"), rules)[0] is Verdict.PASS


@pytest.mark.parametrize("rules", BOTH)
@pytest.mark.parametrize("kind", [*KINDS, *PAYLOADS])
def test_what_no_page_of_the_desk_needs_is_dropped(rules: MessageRules, kind: str) -> None:
    """Of all that Streamlit knows, whatever a later version adds; signed in one may stop a run."""
    if rules is SIGNED_IN and kind in SENT:
        assert judge(of_kind(kind), rules)[0] is Verdict.PASS
    else:
        assert judge(of_kind(kind), rules) == (Verdict.DROP, kind)


def test_no_page_needs_more() -> None:
    """What sends other messages: uploads, deferred downloads, tables too long for one message."""
    needs = re.compile(
        r"st\.(file_uploader|camera_input|audio_input|download_button|data_editor)|lazy=True"
    )
    found = [
        str(file)
        for folder in ("pages", "components")
        for file in (ROOT / folder).rglob("*.py")
        if needs.search(file.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_a_stranger_has_no_fragment_to_run() -> None:
    """The sign-in page has none; a desk's page asks each second whether its session goes on."""
    assert judge(run(fragment_id="f"), BEFORE_SIGN_IN)[0] is Verdict.DROP
    assert judge(run(fragment_id="f"), SIGNED_IN)[0] is Verdict.PASS


@pytest.mark.parametrize("rules", BOTH)
@pytest.mark.parametrize(
    ("more", "verdict"), [(0, Verdict.PASS), (1, Verdict.CLOSE)], ids=["just within", "beyond"]
)
def test_a_message_has_a_largest_size(rules: MessageRules, more: int, verdict: Verdict) -> None:
    """To the byte."""
    around = len(typed(rules.largest_bytes - 100)) - rules.largest_bytes
    sent = typed(rules.largest_bytes - 100 - around + more)
    assert len(sent) == rules.largest_bytes + more
    assert judge(sent, rules)[0] is verdict


@pytest.mark.parametrize("rules", BOTH)
@pytest.mark.parametrize(
    "sent", [b"\xff", b"\x5a\xff", b"GET / HTTP/1.1", b"\x5a\x03\x0a\x01\xff"]
)
def test_what_is_no_message_closes_the_socket(rules: MessageRules, sent: bytes) -> None:
    """Broken, cut off, or a text that is none."""
    assert judge(sent, rules) == (Verdict.CLOSE, "malformed")


@pytest.mark.parametrize("rules", BOTH)
def test_an_empty_message_says_nothing(rules: MessageRules) -> None:
    """It is well formed."""
    assert judge(b"", rules) == (Verdict.DROP, "empty")


@pytest.mark.parametrize(("characters", "verdict"), [(8_000, "pass"), (9_000, "close")])
@pytest.mark.parametrize("name", ["query_string", "fragment_id", "page_script_hash", "page_name"])
def test_no_name_is_longer_than_an_address(name: str, characters: int, verdict: str) -> None:
    """A query is checked for card numbers, and Streamlit logs a fragment that there is not."""
    assert judge(run(**{name: "x" * characters}), SIGNED_IN)[0].value == verdict


def pressed(**value: str) -> bytes:
    """A rerun with a component's value."""
    message = BackMsg()
    state = message.rerun_script.widget_states.widgets.add(id="$$ID-1-card")
    for name, text in value.items():
        setattr(state, name, text)
    return bytes(message.SerializeToString())


@pytest.mark.parametrize("name", ["json_value", "json_trigger_value"])
@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ('{"press": {"amount": 12000, "note": "caf\\u00e9 \\ud83d\\ude00"}}', Verdict.PASS),
        ("no JSON", Verdict.CLOSE),
        ("", Verdict.CLOSE),
        ("[" * 5_000, Verdict.CLOSE),
        ("[" * 500 + "]" * 500, Verdict.CLOSE),
        (f"[{'9' * 5_000}]", Verdict.CLOSE),
        ("[NaN]", Verdict.CLOSE),
        ('"\\ud800"', Verdict.CLOSE),
        (f'{{"a": [{"[]," * 5_000}[]]}}', Verdict.PASS),
        (f'{{"a": [{"[]," * 6_000}[]]}}', Verdict.CLOSE),
        ("7", Verdict.PASS),
    ],
)
def test_a_component_s_value_can_be_read(name: str, text: str, verdict: Verdict) -> None:
    """Streamlit keeps one that cannot, and the tab would fail at every run from then on."""
    assert judge(pressed(**{name: text}), SIGNED_IN)[0] is verdict


@pytest.mark.parametrize(
    ("name", "events", "verdict"),
    [
        ("json_trigger_value", 5, Verdict.PASS),
        ("json_trigger_value", 6, Verdict.CLOSE),
        ("json_value", 6, Verdict.PASS),
    ],
)
def test_a_message_brings_few_events_of_a_component(
    name: str, events: int, verdict: Verdict
) -> None:
    """Each calls its callback, which is carried to its end: hundreds would outlive the tab."""
    text = json.dumps([{"event": "submission", "value": {"id": each}} for each in range(events)])
    assert judge(pressed(**{name: text}), SIGNED_IN)[0] is verdict


@pytest.mark.parametrize(
    ("name", "value", "verdict"),
    [
        ("color_scheme", "dark", Verdict.PASS),
        ("color_scheme", "x}</style><script>", Verdict.CLOSE),
        ("locale", "en-GB", Verdict.PASS),
        ("locale", "x" * 9_000, Verdict.CLOSE),
        ("timezone", "x" * 9_000, Verdict.CLOSE),
        ("url", "x" * 9_000, Verdict.CLOSE),
    ],
)
@pytest.mark.parametrize("rules", BOTH)
def test_what_a_browser_tells_of_itself(
    rules: MessageRules, name: str, value: str, verdict: Verdict
) -> None:
    """The desk draws by it."""
    message = BackMsg()
    setattr(message.rerun_script.context_info, name, value)
    assert judge(message.SerializeToString(), rules)[0] is verdict


@pytest.mark.parametrize(
    ("ids", "verdict"),
    [
        (["$$ID-1-one", "$$ID-2-other"], Verdict.PASS),
        (["$$ID-1-one", "$$STREAMLIT_INTERNAL_KEY_$$ID-2-card__events"], Verdict.PASS),
        (["$$ID-1-one", "$$ID-1-one"], Verdict.CLOSE),
        (["$$ID-1-one", ""], Verdict.CLOSE),
        (["$$ID-1-one", "w0"], Verdict.CLOSE),
        ([f"$$ID-{number}-one" for number in range(500)], Verdict.PASS),
        ([f"$$ID-{number}-one" for number in range(501)], Verdict.CLOSE),
    ],
)
def test_each_field_has_one_value(ids: list[str], verdict: Verdict) -> None:
    """Streamlit finds a value by the field's id, and would fail at two, and at another's form."""
    message = BackMsg()
    for widget_id in ids:
        message.rerun_script.widget_states.widgets.add(id=widget_id, string_value="typed")
    assert judge(message.SerializeToString(), SIGNED_IN)[0] is verdict
