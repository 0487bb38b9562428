"""Names and values in two columns, as one element: many small ones are slow to draw."""

from collections.abc import Mapping
from html import escape
from typing import Final

import streamlit as st

_STYLE: Final = """<style>
.facts {
  display: grid; grid-template-columns: max-content 1fr; gap: .35rem 1.25rem;
  margin: 0 !important; padding: 0 !important;
}
.facts dt { opacity: .75 }
@media (max-width: 640px) {
  .facts { grid-template-columns: minmax(0, 1fr); gap: 0 }
  .facts dt { margin-top: .5rem }
}
.facts dt { overflow-wrap: anywhere }
.facts dd { margin: 0; overflow-wrap: anywhere; white-space: pre-line }
</style>"""


def description_list(rows: Mapping[str, str]) -> None:
    """Draw each name with its value; rows with an empty value are left out."""
    drawn = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows.items() if value
    )
    st.html(f"{_STYLE}<dl class='facts'>{drawn}</dl>")
