"""Which of Streamlit's messages a browser may send, and how large: the rest is not for the desk.

Streamlit 1.67 knows ten kinds. Among those that nobody here may send are `load_git_info`, which
tells repository, branch and changed files, and `install_skills`, which writes into the folder.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from streamlit.proto.BackMsg_pb2 import BackMsg

from cardpay.web.rate_limit import Rate

_RUN: Final = "rerun_script"


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
    return Verdict.PASS, kind
