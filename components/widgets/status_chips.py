"""Colour, sign and icon of each tone. The sign says the same as the colour, for those who can't
tell colours apart.
"""

from typing import Final, Literal

from cardpay.domain.payment.display_status import DISPLAY_TONES, DisplayStatus

Colour = Literal["red", "orange", "green", "blue", "gray"]
TONE_COLOURS: Final[dict[str, Colour]] = {
    "success": "green",
    "error": "red",
    "warning": "orange",
    "info": "blue",
    "neutral": "gray",
}
TONE_SIGNS: Final = {"success": "✓", "error": "✕", "warning": "!", "info": "…", "neutral": "–"}
TONE_ICONS: Final = {
    "success": ":material/check_circle:",
    "error": ":material/cancel:",
    "warning": ":material/error:",
    "info": ":material/hourglass_top:",
    "neutral": ":material/radio_button_unchecked:",
}


def status_label(status: DisplayStatus, words: str = "") -> str:
    """The status with its sign: "✓ Succeeded"; `words` stand for a status that has none here."""
    return f"{TONE_SIGNS[DISPLAY_TONES[status]]} {words or status.value}"
