"""A card with a chart or its table, its finding as the title, and its data as a file."""

from collections.abc import Sequence
from html import escape
from itertools import zip_longest
from typing import Final

import streamlit as st

from cardpay.reporting.insights.chart_data import ChartData, ChartName
from cardpay.reporting.insights.insights import Insights, InsightsFilter
from components.frame.desk_access import keep_session_active
from components.insights.drawn_charts import drawn
from components.insights.insight_fields import split_field
from components.insights.insight_links import file_link, link_behind, links_of_cells
from components.widgets.messages import small_text

_CHART: Final = "Chart"
_TABLE: Final = "Table"


def chart_card(found: Insights, data: ChartData, chosen: InsightsFilter) -> None:
    """Draw it. A mark that is pressed opens the payments it was counted of."""
    name = data.name
    links = [link_behind(found, name, row, chosen.split) for row in data.rows]
    cell_links = [links_of_cells(found, name, row) for row in data.rows]
    with st.container(border=True, key=f"card-insight-{name}", height="stretch"):
        with st.container(key=f"insight-head-{name}"):
            st.html(
                f"<h2>{escape(data.title)}</h2><p>{escape(data.measure)}</p>",
            )
            with st.container(horizontal=True, key=f"insight-tools-{name}"):
                shown = st.segmented_control(
                    f"Show {name} as",
                    [_CHART, _TABLE],
                    default=_CHART,
                    required=True,
                    key=f"insights.{name}.shown",
                    label_visibility="collapsed",
                    on_change=keep_session_active,
                )
                st.link_button(
                    "CSV",
                    file_link(name, chosen, found.now.days, found.currency),
                    icon=":material/download:",
                    help="Download the data of this chart",
                )
        if name is ChartName.PARTS:
            split_field()
        if not data.rows:
            st.html('<p class="empty-place">Nothing to show in these days.</p>')
        elif shown == _TABLE:
            _table(data, links, cell_links)
        else:
            of_cells = [link for row in cell_links for link in row]
            _chart(data, found.currency, of_cells or links)
        if name is ChartName.REASONS:
            _unopened(data, links)


def _unopened(data: ChartData, links: Sequence[str | None]) -> None:
    """Say why some declines open no list."""
    labels = [row.label for row, link in zip(data.rows, links, strict=True) if link is None]
    if labels:
        small_text(
            f"No list opens for {', '.join(labels)}: some of these attempts have no decline code "
            "of their own to find them by."
        )


def _chart(data: ChartData, currency: str, links: Sequence[str | None]) -> None:
    frame, spec = drawn(data, links, currency, st.context.theme.type or "light")
    st.vega_lite_chart(frame, spec, alt=data.words)
    if len(data.series) > 1 and data.name is not ChartName.SUCCESS:
        _legend(data.series)


def _legend(series: Sequence[str]) -> None:
    """The names of the series; in the chart itself the second is drawn dashed, here too."""
    named = "".join(
        f"<span><i class='{kind}'></i>{escape(name)}</span>"
        for kind, name in zip(("bar", "dash"), series, strict=True)
    )
    st.html(f"<p class='insight-legend'>{named}</p>")


def _table(
    data: ChartData, links: Sequence[str | None], cell_links: Sequence[Sequence[str | None]]
) -> None:
    """A table of the page itself: read by screen readers, and with a link where rows open."""
    head = "".join(f"<th scope='col'>{escape(name)}</th>" for name in data.columns)
    rows = []
    for row, link, of_cells in zip(data.rows, links, cell_links, strict=True):
        cells = "".join(
            f"<td>{_linked(cell.text, cell_link)}</td>"
            for cell, cell_link in zip_longest(row.cells, of_cells)
        )
        rows.append(f"<tr><th scope='row'>{_linked(row.label, link)}</th>{cells}</tr>")
    st.html(
        f"<div class='insight-table' tabindex='0' role='region' aria-label='{escape(data.title)}'>"
        f"<table><caption class='unseen'>{escape(data.title)}. {escape(data.measure)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _linked(text: str, link: str | None) -> str:
    if link is None:
        return escape(text)
    return f"<a href='{escape(link)}' target='_self'>{escape(text)}</a>"
