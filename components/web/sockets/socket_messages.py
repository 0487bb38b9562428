"""Which of Streamlit's messages a browser may send, and how large: the rest is not for the desk.

Streamlit 1.67 knows ten kinds. Among those that nobody here may send are `load_git_info`, which
tells repository, branch and changed files, and `install_skills`, which writes into the folder.
"""

import json
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from cardpay.web.rate_limit import Rate

_RUN: Final = "rerun_script"
_JSON_VALUES: Final = ("json_value", "json_trigger_value")
_LONGEST_NAME: Final = 8 * 1024  # as of an address that the desk is asked for
_DEEPEST: Final = 20  # a component's value is a record of records
# All such values of a message: a card form's outcome has some hundred bytes. JSON is read before
# anybody's turn is waited for, and a message could be nothing but brackets.
_MOST_JSON: Final = 16 * 1024
# A component tells several things at once as a list, each of which calls its callback.
_MOST_EVENTS: Final = 5
_MOST_WIDGETS: Final = 500  # a page has less than a hundred
# As Streamlit makes them; at one of another form it fails at its next field with a name.
_WIDGET_IDS: Final = ("$$ID-", "$$STREAMLIT_INTERNAL_KEY_")
_COLOUR_SCHEMES: Final = frozenset({"", "light", "dark"})


class Verdict(Enum):
    """What becomes of a message."""

    PASS = "pass"  # noqa: S105 - no password
    DROP = "drop"
    CLOSE = "close"


@dataclass(frozen=True)
class MessageRules:
    """What one side of the sign-in may send, and how often."""

    kinds: frozenset[str]
    largest_bytes: int
    rate: Rate
    may_run_fragments: bool


# The sign-in page is drawn once, and has one button. It has no fragment.
BEFORE_SIGN_IN: Final = MessageRules(
    kinds=frozenset({_RUN}),
    largest_bytes=8 * 1024,
    rate=Rate(at_once=10, per_second=1),
    may_run_fragments=False,
)
# The largest of the desk's own messages, a page's fields and its open card form, is some 10 kB;
# the most that comes by itself is four a second, of fragments that watch an open payment.
SIGNED_IN: Final = MessageRules(
    kinds=frozenset({_RUN, "stop_script"}),
    largest_bytes=256 * 1024,
    rate=Rate(at_once=100, per_second=20),
    may_run_fragments=True,
)


def judge(data: bytes, rules: MessageRules) -> tuple[Verdict, str]:
    """What becomes of a message, and the kind that it is."""
    if len(data) > rules.largest_bytes:
        return Verdict.CLOSE, "too large"
    message = BackMsg()
    try:
        message.ParseFromString(data)
    except Exception:  # noqa: BLE001 - protobuf's own error; the package is Streamlit's to choose
        return Verdict.CLOSE, "malformed"
    kind: str = message.WhichOneof("type") or "empty"
    if kind == "backend_operation_request":
        kind = message.backend_operation_request.WhichOneof("payload") or "empty"
    if kind not in rules.kinds:
        return Verdict.DROP, kind
    if message.rerun_script.fragment_id and not rules.may_run_fragments:
        return Verdict.DROP, "fragment"
    run = message.rerun_script
    if run.context_info.color_scheme not in _COLOUR_SCHEMES:
        return Verdict.CLOSE, "malformed"
    # A query's values are checked for card data; Streamlit logs a name that it does not know.
    told = run.context_info
    names = (
        *(run.query_string, run.fragment_id, run.page_script_hash, run.page_name),
        *(told.url, told.locale, told.timezone),
    )
    if max(map(len, names)) > _LONGEST_NAME:
        return Verdict.CLOSE, "too large"
    states = message.rerun_script.widget_states.widgets
    json_characters = sum(len(one.json_value or one.json_trigger_value) for one in states)
    if len(states) > _MOST_WIDGETS or json_characters > _MOST_JSON:
        return Verdict.CLOSE, "too large"
    ids = {state.id for state in states}
    are_ids = all(one.startswith(_WIDGET_IDS) for one in ids)
    if not are_ids or len(ids) < len(states) or not all(map(_is_json, states)):
        return Verdict.CLOSE, "malformed"
    return Verdict.PASS, kind


def _is_json(state: WidgetState) -> bool:
    """Whether a widget's value is JSON if it should be, and such as can be read and written.

    Streamlit keeps a value as it came, and would fail at it at every run from then on.
    """
    if state.WhichOneof("value") not in _JSON_VALUES:
        return True
    try:
        value = json.loads(state.json_value or state.json_trigger_value, parse_constant=_refuse)
        json.dumps(value, ensure_ascii=False).encode()  # not so half of a surrogate pair
    except (ValueError, RecursionError):
        return False
    are_events = bool(state.json_trigger_value) and isinstance(value, list)
    return _is_shallow(value) and not (are_events and len(value) > _MOST_EVENTS)


def _refuse(_name: str) -> None:
    """NaN and Infinity, which JSON does not have."""
    raise ValueError


def _is_shallow(value: Any) -> bool:
    values = [value]
    for _ in range(_DEEPEST):
        within = [each for each in values if isinstance(each, dict | list)]
        if not within:
            return True
        values = [
            inner
            for each in within
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return False
