"""What a tone looks like; the sign says the same as the colour, for those who cannot see it."""

from typing import Final, Literal

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
