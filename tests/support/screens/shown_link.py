"""The address of a payment link on a page that was drawn without a browser."""

import json
from typing import Any

from streamlit.testing.v1 import AppTest


def shown_links(screen: AppTest) -> list[dict[str, Any]]:
    """What each button that copies a link was given: the address, and whether it has the focus."""
    given = [json.loads(found.proto.json) for found in screen.get("bidi_component")]
    return [one for one in given if isinstance(one, dict) and "url" in one]
