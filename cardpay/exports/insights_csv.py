"""A chart's data as a CSV file, like the other exports: BOM, CRLF, and no formula that runs."""

import csv
import io
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from cardpay.domain.access.actor import Actor
from cardpay.exports.csv_cells import cell
from cardpay.exports.handed_out import HandedOut
from cardpay.reporting.insights.chart_data import ChartName, charts
from cardpay.reporting.insights.insights import InsightsFilter, insights
from cardpay.services.audit.record_reading import note_chart_taken
from cardpay.services.desk import Desk
from cardpay.storage.database.engine import Store

_BOM: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"


def hand_out_chart(
    desk: Desk, actor: Actor, zone: ZoneInfo, chart: ChartName, chosen: InsightsFilter
) -> HandedOut:
    """The file of `insights_csv`, written down in the audit log. Raises NotAllowed, SignedOut."""
    text = insights_csv(desk.store, actor, chart, chosen, zone, desk.now())
    days = chosen.days
    note_chart_taken(desk, actor, chart, {"from": f"{days.first}", "to": f"{days.last}"})
    name = f"{chart}-{days.first}-{days.last}.csv"
    return HandedOut(io.BytesIO(text.encode()), name, "text/csv")


def insights_csv(
    store: Store,
    actor: Actor,
    chart: ChartName,
    chosen: InsightsFilter,
    zone: ZoneInfo,
    now: datetime,
) -> str:
    """The chart's rows with the days that each was counted of; amounts in the main unit.

    The last column is their currency. Empty of rows where there is nothing. Raises NotAllowed.
    """
    found = insights(store, actor, chosen, zone, now)
    text = io.StringIO()
    text.write(_BOM)
    lines = csv.writer(text, lineterminator="\r\n")
    if found is None:
        return text.getvalue()
    data = charts(found, chosen.step, chosen.split)[chart]
    lines.writerow([data.columns[0], "From", "To", *data.columns[1:], "Currency"])
    for row in data.rows:
        days = row.days or found.now.days
        numbers = ["" if one.number is None else str(one.number) for one in row.cells]
        lines.writerow(
            [cell(row.label), days.first, days.last, *numbers, cell(found.currency.upper())]
        )
    return text.getvalue()
