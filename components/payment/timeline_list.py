"""The timeline: what people did, newest first, and the technical events behind an expander."""

from collections.abc import Iterable
from html import escape

import streamlit as st

from cardpay.reporting.payment_page.timeline import TimelineEntry
from components.widgets.amounts import count
from components.widgets.money_markup import symbol_markup
from components.widgets.status_chips import TONE_SYMBOLS
from components.widgets.times import in_zone


def timeline_list(entries: tuple[TimelineEntry, ...], zone: str) -> None:
    """Draw both parts."""
    _draw((entry for entry in reversed(entries) if not entry.is_technical), zone)
    technical = [entry for entry in reversed(entries) if entry.is_technical]
    if technical:
        with st.expander(count(len(technical), "technical event"), key="technical-events"):
            _draw(technical, zone, with_reference=True)


def _draw(entries: Iterable[TimelineEntry], zone: str, *, with_reference: bool = False) -> None:
    rows = "".join(_entry(entry, zone, with_reference=with_reference) for entry in entries)
    st.html(f"<ol class='tl'>{rows}</ol>")


def _entry(entry: TimelineEntry, zone: str, *, with_reference: bool) -> str:
    detail = entry.detail
    if with_reference and entry.reference:
        detail = " · ".join(part for part in (detail, entry.reference) if part)
    below = f"<small>{escape(detail)}</small>" if detail else ""
    return (
        f"<li><span class='mark {entry.tone}'>{symbol_markup(TONE_SYMBOLS[entry.tone])}</span>"
        f"<span>{escape(entry.title)}{below}</span>"
        f"<span class='t'>{escape(in_zone(entry.at, zone))}</span></li>"
    )
