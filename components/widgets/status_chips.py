"""Chips: tint, icon and status word, the same on every page. Colour is never the only sign."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from cardpay.domain.attention_rules import runs_out_soon
from cardpay.domain.payment.display_status import DISPLAY_TONES, DisplayStatus
from components.widgets.times import day

Colour = Literal["red", "orange", "green", "blue", "gray"]
TONE_COLOURS: Final[dict[str, Colour]] = {
    "success": "green",
    "error": "red",
    "warning": "orange",
    "info": "blue",
    "neutral": "gray",
}
# Names of Material Symbols.
TONE_SYMBOLS: Final = {
    "success": "check_circle",
    "error": "cancel",
    "warning": "error",
    "info": "hourglass_top",
    "neutral": "radio_button_unchecked",
}
TONE_ICONS: Final = {tone: f":material/{name}:" for tone, name in TONE_SYMBOLS.items()}
"""As Streamlit takes them."""
TONE_SIGNS: Final = {"success": "✓", "error": "✕", "warning": "!", "info": "…", "neutral": "–"}
_ICONS: Final[dict[DisplayStatus, str]] = {
    DisplayStatus.SUCCEEDED: "check_circle",
    DisplayStatus.REFUNDED: "undo",
    DisplayStatus.PARTIALLY_REFUNDED: "undo",
    DisplayStatus.DISPUTED: "flag",
    DisplayStatus.DISPUTE_LOST: "flag",
    DisplayStatus.DISPUTE_WON: "flag",
    DisplayStatus.DECLINED: "cancel",
    DisplayStatus.NEEDS_AUTHENTICATION: "lock",
    DisplayStatus.PROCESSING: "schedule",
    DisplayStatus.AUTHORISED: "hourglass_top",
    DisplayStatus.CANCELLED: "block",
    DisplayStatus.NOT_CHARGED: "block",
    DisplayStatus.CHECKING: "sync",
    DisplayStatus.AWAITING_CARD: "credit_card",
    DisplayStatus.AWAITING_CUSTOMER: "person",
    DisplayStatus.UNKNOWN: "help",
}
_DATES: Final = {
    DisplayStatus.DISPUTED: "respond by",
    DisplayStatus.AUTHORISED: "hold ends",
}


def is_status(words: str) -> bool:
    """Whether `words` are those of a payment's status, for `status_chip`."""
    return words.partition(" · ")[0] in frozenset(DisplayStatus)


@dataclass(frozen=True)
class Chip:
    """What a chip shows; `icon` is a name of Material Symbols."""

    words: str
    colour: Colour
    icon: str


def status_chip(
    words: str, act_by_at: datetime | None, zone: str, now: datetime | None = None
) -> Chip:
    """The chip of a payment's status: "Disputed · respond by 4 Dec".

    `words` is a status that staff read, perhaps with what came before ("Cancelled · card
    declined"), or Stripe's own word for one that has none here. A hold that is running out has the
    colour of what needs a person.
    """
    display = DisplayStatus.UNKNOWN
    if is_status(words):
        display = DisplayStatus(words.partition(" · ")[0])
    if act_by_at is not None and display in _DATES:
        words = f"{words} · {_DATES[display]} {day(act_by_at, zone, now)}"
    colour = TONE_COLOURS[DISPLAY_TONES[display]]
    if display is DisplayStatus.AUTHORISED and runs_out_soon(act_by_at, now or datetime.now(UTC)):
        colour = "orange"
    return Chip(words, colour, _ICONS[display])
