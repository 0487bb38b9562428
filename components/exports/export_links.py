"""Where exports are."""

from typing import Final

EXPORTS: Final = "/exports"


def export_link(export_id: str) -> str:
    """The address of a finished export's file."""
    return f"{EXPORTS}/{export_id}"
