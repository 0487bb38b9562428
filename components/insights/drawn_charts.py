"""The charts of Insights as Vega-Lite, which Streamlit draws under the content policy.

Written as Vega-Lite itself: altair takes longer to check a chart than the database to count it.
Colours are the theme's; the second series is dashed, so that grey paper tells them apart.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import pandas as pd
from babel.numbers import get_currency_symbol

from cardpay.domain.money_format import DEFAULT_LOCALE
from cardpay.reporting.insights.chart_data import ChartData, ChartName

PICK: Final = "pick"
"""The selection of a mark; it gives `row`, the number of the data's row."""

Spec = dict[str, Any]

_HEIGHT: Final = 240
_CELL: Final = 30
_BAR: Final = 36
_DASH: Final = [5, 4]
_TEXT: Final = {"light": "#1a2329", "dark": "#e8edef"}
# The number in a cell on its colour: past the middle of the scale it is the other theme's.
_ON_STRONG: Final = {"light": "#ffffff", "dark": "#0f1417"}
_PICKING: Final = [
    {"name": PICK, "select": {"type": "point", "fields": ["row"], "on": "click", "toggle": False}}
]


def drawn(data: ChartData, currency: str, theme: str) -> tuple[pd.DataFrame, Spec]:
    """The chart and what it draws; `theme` is light or dark."""
    return _DRAWN[data.name](data, currency, theme)


def _volume(data: ChartData, currency: str, _theme: str) -> tuple[pd.DataFrame, Spec]:
    return _bars_and_line(data, currency, (0, 2), pickable=True)


def _money_back(data: ChartData, currency: str, _theme: str) -> tuple[pd.DataFrame, Spec]:
    return _bars_and_line(data, currency, (0, 2), pickable=False)


def _bars_and_line(
    data: ChartData, currency: str, places: tuple[int, int], *, pickable: bool
) -> tuple[pd.DataFrame, Spec]:
    """Amounts by step: bars, and over them the second series, if there is one."""
    names = ("amount", "other")[: len(data.series)]
    frame = _frame(data, dict(zip(names, places, strict=False)))
    marks: list[Spec] = [
        {"type": "bar", "cornerRadius": 2, "cursor": "pointer" if pickable else "default"},
        {"type": "line", "strokeDash": _DASH, "strokeWidth": 2},
    ]
    layers = []
    for place, name in enumerate(names):
        encoding = {"x": _x(data), "y": _money_axis(name, currency), "tooltip": _tips(data)}
        encoding["color"] = _series(data, f"series{place}", legend=len(names) > 1)
        layers.append({"mark": marks[place], "encoding": encoding})
    if pickable:
        layers[0]["params"] = _PICKING
    return frame, {"layer": layers, "height": _HEIGHT}


def _success(data: ChartData, _currency: str, theme: str) -> tuple[pd.DataFrame, Spec]:
    every = [
        _frame(data, {"rate": place}).assign(series=name)
        for name, place in zip(data.series, (0, 3), strict=True)
    ]
    frame = pd.concat(every).dropna(subset="rate")
    frame["last"] = ~frame.duplicated("series", keep="last")
    y = {
        "field": "rate",
        "type": "quantitative",
        "title": None,
        "scale": {"domain": [_floor(data), 100], "nice": False},
        "axis": {"labelExpr": "datum.value + '%'", "tickCount": 5},
    }
    place = {"x": _x(data), "y": y}
    colour = {"color": _series(data, "series", legend=False)}
    dash = {
        "field": "series",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": list(data.series), "range": [[1, 0], _DASH]},
    }
    point = {"type": "point", "filled": True, "size": 50, "opacity": 1, "cursor": "pointer"}
    name = {"type": "text", "align": "left", "dx": 8, "fontWeight": 600, "fontSize": 12}
    layers = [
        {
            "mark": {"type": "line", "strokeWidth": 2},
            "encoding": place | colour | {"strokeDash": dash},
        },
        {"mark": point, "encoding": place | colour | {"tooltip": _tips(data)}, "params": _PICKING},
        {
            "transform": [{"filter": "datum.last"}],
            "mark": name | {"color": _TEXT[theme]},
            "encoding": place | {"text": {"field": "series"}},
        },
    ]
    padding = {"left": 5, "top": 5, "bottom": 5, "right": 76}
    return frame, {"layer": layers, "height": _HEIGHT, "padding": padding}


def _floor(data: ChartData) -> int:
    """Where the axis begins: whole tens below the lowest point."""
    rates = [row.cells[place].number for row in data.rows for place in (0, 3)]
    least = min((rate for rate in rates if rate is not None), default=0)
    return max(0, int(least - 1) // 10 * 10)


def _reasons(data: ChartData, _currency: str, theme: str) -> tuple[pd.DataFrame, Spec]:
    return _lying_bars(data, theme, (0, 1), pickable=False)


def _parts(data: ChartData, _currency: str, theme: str) -> tuple[pd.DataFrame, Spec]:
    return _lying_bars(data, theme, (0, 2), pickable=True)


def _lying_bars(
    data: ChartData, theme: str, texts: Sequence[int], *, pickable: bool
) -> tuple[pd.DataFrame, Spec]:
    """Each bar with its numbers behind it instead of an axis."""
    frame = _frame(data, {"amount": 0})
    frame["said"] = ["   ".join(row.cells[place].text for place in texts) for row in data.rows]
    y = {
        "field": "label",
        "type": "nominal",
        "sort": None,
        "title": None,
        "axis": {
            "ticks": False,
            "domain": False,
            "labelLimit": 190,
            "labelFontSize": 14,
            "labelColor": _TEXT[theme],
        },
    }
    most = float(frame["amount"].max()) or 1.0
    x = {
        "field": "amount",
        "type": "quantitative",
        "axis": None,
        "scale": {"domain": [0, most * 1.5]},
    }
    bar = {"type": "bar", "cornerRadius": 2, "height": 20}
    bars: Spec = {"mark": bar, "encoding": {"x": x, "y": y, "tooltip": _tips(data)}}
    if pickable:
        bars["params"] = _PICKING
        bar["cursor"] = "pointer"
    said = {"type": "text", "align": "left", "dx": 8, "fontSize": 13, "color": _TEXT[theme]}
    numbers = {"mark": said, "encoding": {"x": x, "y": y, "text": {"field": "said"}}}
    return frame, {"layer": [bars, numbers], "height": _BAR * len(frame)}


def _hours(data: ChartData, _currency: str, theme: str) -> tuple[pd.DataFrame, Spec]:
    frame = pd.DataFrame(
        [
            {"weekday": row.label, "hour": hour, "payments": int(cell.number or 0)}
            for row in data.rows
            for hour, cell in zip(data.columns[1:], row.cells, strict=True)
        ]
    )
    most = int(frame["payments"].max()) or 1
    bare = {"ticks": False, "domain": False, "grid": False}
    place = {
        "x": _ordered("hour", {**bare, "orient": "top", "labelAngle": 0}),
        "y": _ordered("weekday", bare),
    }
    colour = {
        "field": "payments",
        "type": "quantitative",
        "legend": None,
        "scale": {"domain": [0, most]},
    }
    tips = [
        {"field": name, "title": name.capitalize()} for name in ("weekday", "hour", "payments")
    ]
    number = {
        "text": {"field": "payments"},
        "color": {
            "condition": {"test": f"datum.payments > {0.5 * most}", "value": _ON_STRONG[theme]},
            "value": _TEXT[theme],
        },
    }
    cell = {"type": "rect", "cornerRadius": 2, "width": {"band": 0.95}, "height": {"band": 0.9}}
    layers = [
        {"mark": cell, "encoding": place | {"color": colour, "tooltip": tips}},
        {"mark": {"type": "text", "fontSize": 12}, "encoding": place | number},
    ]
    return frame, {"layer": layers, "height": _CELL * 7}


_DRAWN: Final[dict[ChartName, Callable[[ChartData, str, str], tuple[pd.DataFrame, Spec]]]] = {
    ChartName.VOLUME: _volume,
    ChartName.SUCCESS: _success,
    ChartName.REASONS: _reasons,
    ChartName.HOURS: _hours,
    ChartName.PARTS: _parts,
    ChartName.MONEY_BACK: _money_back,
}


def _frame(data: ChartData, measures: dict[str, int]) -> pd.DataFrame:
    """The rows: number, label, the numbers of these cells, and every cell as it is read."""
    return pd.DataFrame(
        [
            {
                "row": number,
                "label": row.label,
                **{name: _float(row.cells[place].number) for name, place in measures.items()},
                **{f"series{place}": name for place, name in enumerate(data.series)},
                **{f"cell{place}": cell.text for place, cell in enumerate(row.cells)},
            }
            for number, row in enumerate(data.rows)
        ]
    )


def _float(number: Any) -> float | None:
    return None if number is None else float(number)


def _ordered(name: str, axis: Spec) -> Spec:
    return {"field": name, "type": "ordinal", "sort": None, "title": None, "axis": axis}


def _x(data: ChartData) -> Spec:
    """The steps in order. The year is left out where all have the same."""
    years = {row.label[-4:] for row in data.rows}
    short = "slice(datum.label, 0, -5)" if len(years) == 1 else "datum.label"
    return _ordered(
        "label",
        {
            "labelAngle": 0,
            "labelExpr": f"replace({short}, 'Week of ', '')",
            "labelOverlap": "greedy",
            "labelSeparation": 12,
            "grid": False,
        },
    )


def _money_axis(name: str, currency: str) -> Spec:
    symbol = get_currency_symbol(currency.upper(), DEFAULT_LOCALE)
    return {
        "field": name,
        "type": "quantitative",
        "title": None,
        "axis": {"labelExpr": f"'{symbol}' + format(datum.value, '~s')", "tickCount": 4},
    }


def _series(data: ChartData, name: str, *, legend: bool) -> Spec:
    """The series: told apart by colour, and named below or at their ends."""
    return {
        "field": name,
        "type": "nominal",
        "scale": {"domain": list(data.series)},
        "legend": {"orient": "bottom", "title": None} if legend else None,
    }


def _tips(data: ChartData) -> list[Spec]:
    named = ("label", *(f"cell{place}" for place in range(len(data.columns) - 1)))
    return [
        {"field": name, "title": title} for name, title in zip(named, data.columns, strict=True)
    ]
