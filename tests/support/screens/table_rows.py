"""The rows of a linked table on a page that was drawn without a browser."""

import json
from typing import Any

from streamlit.testing.v1 import AppTest


def tables(screen: AppTest) -> list[dict[str, Any]]:
    """What each table of the screen was given."""
    given = [json.loads(found.proto.json) for found in screen.get("bidi_component")]
    return [one for one in given if "rows" in one]


def column(screen: AppTest, label: str) -> list[str]:
    """The texts of one column, from top to bottom; none where there is no table."""
    for table in tables(screen):
        place = [one["label"] for one in table["columns"]].index(label)
        return [row["cells"][place]["text"] for row in table["rows"]]
    return []
