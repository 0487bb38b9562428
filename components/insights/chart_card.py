"""A card with a chart or its table, its finding as the title, and its data as a file."""

from html import escape
from typing import Any, Final

import streamlit as st

from cardpay.domain.totals import Split
from cardpay.reporting.insights.chart_data import ChartData, ChartName
from cardpay.reporting.insights.insights import Insights, InsightsFilter
from components.frame.desk_access import keep_session_active
from components.frame.page_list import PAYMENTS
from components.insights.drawn_charts import PICK, drawn
from components.insights.insight_fields import split_field
from components.insights.insight_links import file_link, payments_behind, payments_link

_CHART: Final = "Chart"
_TABLE: Final = "Table"
_PICKABLE: Final = frozenset({ChartName.VOLUME, ChartName.SUCCESS, ChartName.PARTS})


def chart_card(found: Insights, data: ChartData, chosen: InsightsFilter) -> None:
    """Draw it. A mark that is pressed opens the payments it was counted of."""
    name = data.name
    with st.container(border=True, key=f"card-insight-{name}"):
        with st.container(key=f"insight-head-{name}"):
            st.html(
                f"<h2>{escape(data.title)}</h2><p>{escape(data.measure)}</p>",
            )
            with st.container(horizontal=True, key=f"insight-tools-{name}"):
                if name is ChartName.PARTS:
                    split_field()
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
        if not data.rows:
            st.html('<p class="empty-place">Nothing to show in these days.</p>')
        elif shown == _TABLE:
            _table(found, data, chosen.split)
        else:
            _chart(found, data, chosen.split)


def _chart(found: Insights, data: ChartData, split: Split) -> None:
    theme = st.context.theme.type or "light"
    pickable = data.name in _PICKABLE
    frame, spec = drawn(data, found.currency, theme)
    event: Any = st.vega_lite_chart(
        frame,
        spec,
        key=f"insights.{data.name}.chart" if pickable else None,
        on_select="rerun" if pickable else "ignore",
        alt=data.words,
    )
    picked = event["selection"].get(PICK) if pickable else None
    if picked:
        row = data.rows[int(picked[0]["row"])]
        parameters = payments_behind(data.name, row, found.currency, split)
        if parameters is not None:
            st.switch_page(PAYMENTS.file, query_params=parameters)


def _table(found: Insights, data: ChartData, split: Split) -> None:
    """A table of the page itself: read by screen readers, and with a link where rows open."""
    head = "".join(f"<th scope='col'>{escape(name)}</th>" for name in data.columns)
    rows = []
    for row in data.rows:
        parameters = payments_behind(data.name, row, found.currency, split)
        label = escape(row.label)
        if parameters is not None:
            label = f"<a href='{escape(payments_link(parameters))}'>{label}</a>"
        cells = "".join(f"<td>{escape(cell.text)}</td>" for cell in row.cells)
        rows.append(f"<tr><th scope='row'>{label}</th>{cells}</tr>")
    st.html(
        f"<div class='insight-table' tabindex='0' role='region' aria-label='{escape(data.title)}'>"
        f"<table><caption class='unseen'>{escape(data.title)}. {escape(data.measure)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )
