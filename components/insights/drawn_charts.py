"""The charts of Insights as Vega-Lite, which Streamlit draws under the content policy.

Written as Vega-Lite itself: altair takes longer to check a chart than the database to count it.
Colours are the theme's; the second series is dashed, so that grey paper tells them apart.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import pandas as pd
from babel.numbers import get_currency_symbol

from cardpay.domain.money_format import DEFAULT_LOCALE
from cardpay.reporting.insights.chart_data import ChartData, ChartName, ChartRow

Spec = dict[str, Any]

_HEIGHT: Final = 240
_CELL: Final = 30
_BAR: Final = 42
_DASH: Final = [5, 4]
_TEXT: Final = {"light": "#1a2329", "dark": "#e8edef"}
# The number in a cell on its colour: past the middle of the scale it is the other theme's.
_ON_STRONG: Final = {"light": "#ffffff", "dark": "#0f1417"}
# Of cards, so that a picture has it too.
_SURFACE: Final = {"light": "#ffffff", "dark": "#171d21"}
# A mark is pressed like a link, with Ctrl for a new tab. Vega would open "null" of one without.
_HAS_LINK: Final = "isValid(datum.link)"
_OPENS: Final[Spec] = {
    "href": {"condition": {"test": _HAS_LINK, "field": "link"}},
    "description": {"field": "spoken"},
}
_POINTER: Final[Spec] = {"cursor": {"expr": f"{_HAS_LINK} ? 'pointer' : 'default'"}}


def drawn(
    data: ChartData, links: Sequence[str | None], currency: str, theme: str
) -> tuple[pd.DataFrame, Spec]:
    """What the chart draws, and how; `theme` is light or dark.

    `links` are the addresses that its marks open, if any: its rows, or their cells.
    """
    frame, spec = _DRAWN[data.name](data, currency, theme)
    if "row" in frame:
        frame["link"] = [links[row] for row in frame["row"]]
    return frame, spec | {"background": _SURFACE[theme]}


def _volume(data: ChartData, currency: str, _theme: str) -> tuple[pd.DataFrame, Spec]:
    return _bars_and_line(data, currency)


def _money_back(data: ChartData, currency: str, _theme: str) -> tuple[pd.DataFrame, Spec]:
    return _bars_and_line(data, currency)


def _bars_and_line(data: ChartData, currency: str) -> tuple[pd.DataFrame, Spec]:
    """Amounts by step: bars, and over them the second series, if there is one."""
    names = ("amount", "other")[: len(data.series)]
    frame = _frame(data, dict(zip(names, (0, 2), strict=False)))
    marks: list[Spec] = [
        {"type": "bar", "cornerRadius": 2} | _POINTER,
        {"type": "line", "strokeDash": _DASH, "strokeWidth": 2},
    ]
    layers = []
    for place, name in enumerate(names):
        encoding = {"x": _x(data), "y": _money_axis(name, currency), "tooltip": _tips(data)}
        encoding["color"] = _series(data, f"series{place}")
        layers.append({"mark": marks[place], "encoding": encoding})
    layers[0]["encoding"] |= _OPENS
    return frame, {"layer": layers, "height": _HEIGHT}


def _success(data: ChartData, _currency: str, theme: str) -> tuple[pd.DataFrame, Spec]:
    every = [
        _frame(data, {"rate": place}).assign(series=name)
        for name, place in zip(data.series, (0, 3), strict=True)
    ]
    frame = pd.concat(every).dropna(subset="rate")
    frame = frame.reset_index(drop=True)
    ends = frame[~frame.duplicated("series", keep="last")].sort_values("rate", ascending=False)
    # Their names stand at the ends of the lines: one above the other, however near these are.
    frame["end"] = 0
    frame.loc[ends.index, "end"] = range(1, len(ends) + 1)
    near = (
        len(ends) == 2
        and ends["rate"].iloc[0] - ends["rate"].iloc[1] < (100 - data.axis_begins) / 12
    )
    shifts = (-7, 7) if near else (0, 0)
    y = {
        "field": "rate",
        "type": "quantitative",
        "title": None,
        "scale": {"domain": [data.axis_begins, 100], "nice": False},
        "axis": {"labelExpr": "datum.value + '%'", "tickCount": 5},
    }
    place = {"x": _x(data), "y": y}
    colour = {"color": _series(data, "series")}
    dash = {
        "field": "series",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": list(data.series), "range": [[1, 0], _DASH]},
    }
    point = {"type": "point", "filled": True, "size": 50, "opacity": 1} | _POINTER
    name = {"type": "text", "align": "left", "dx": 8, "fontWeight": 600, "fontSize": 12}
    layers = [
        {
            "mark": {"type": "line", "strokeWidth": 2},
            "encoding": place | colour | {"strokeDash": dash},
        },
        {"mark": point, "encoding": place | colour | _OPENS | {"tooltip": _tips(data)}},
        *(
            {
                "transform": [{"filter": f"datum.end === {number}"}],
                "mark": name | {"color": _TEXT[theme], "dy": shift},
                "encoding": place | {"text": {"field": "series"}},
            }
            for number, shift in zip((1, 2), shifts, strict=True)
        ),
    ]
    padding = {"left": 5, "top": 5, "bottom": 5, "right": 76}
    return frame, {"layer": layers, "height": _HEIGHT, "padding": padding}


def _reasons(data: ChartData, _currency: str, theme: str) -> tuple[pd.DataFrame, Spec]:
    return _lying_bars(data, theme, (0, 1))


def _parts(data: ChartData, _currency: str, theme: str) -> tuple[pd.DataFrame, Spec]:
    return _lying_bars(data, theme, (0, 2))


def _lying_bars(data: ChartData, theme: str, texts: Sequence[int]) -> tuple[pd.DataFrame, Spec]:
    """Each bar below its name and numbers, so that nothing is cut on a phone either."""
    frame = _frame(data, {"amount": 0})
    frame["said"] = [
        " · ".join([row.label, *(row.cells[place].text for place in texts)]) for row in data.rows
    ]
    y = {"field": "label", "type": "nominal", "sort": None, "axis": None}
    x = {"field": "amount", "type": "quantitative", "axis": None, "scale": {"zero": True}}
    bar = {"type": "bar", "cornerRadius": 2, "height": 12, "yOffset": 8} | _POINTER
    said = {"type": "text", "align": "left", "dy": -9, "fontSize": 14, "color": _TEXT[theme]}
    layers = [
        {"mark": bar, "encoding": {"x": x, "y": y, "tooltip": _tips(data)} | _OPENS},
        {"mark": said, "encoding": {"x": {"value": 0}, "y": y, "text": {"field": "said"}}},
    ]
    return frame, {"layer": layers, "height": _BAR * len(frame)}


def _hours(data: ChartData, _currency: str, theme: str) -> tuple[pd.DataFrame, Spec]:
    frame = pd.DataFrame(
        [
            {"weekday": row.label, "hour": hour, "payments": int(cell.number or 0)}
            for row in data.rows
            for hour, cell in zip(data.columns[1:], row.cells, strict=True)
        ]
    )
    frame["row"] = frame.index
    frame["spoken"] = (
        frame["weekday"] + " " + frame["hour"] + ":00: Payments " + frame["payments"].astype(str)
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
    # The number lies on its cell and is pressed in its place; it is read out with the cell.
    text = {"type": "text", "fontSize": 12, "aria": False} | _POINTER
    layers = [
        {
            "mark": cell | _POINTER,
            "encoding": place | _OPENS | {"color": colour, "tooltip": tips},
        },
        {"mark": text, "encoding": place | number | _OPENS | {"tooltip": tips}},
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
                "spoken": _spoken(data, row),
                **{name: _float(row.cells[place].number) for name, place in measures.items()},
                **{f"series{place}": name for place, name in enumerate(data.series)},
                **{f"cell{place}": cell.text for place, cell in enumerate(row.cells)},
            }
            for number, row in enumerate(data.rows)
        ]
    )


def _spoken(data: ChartData, row: ChartRow) -> str:
    """What a screen reader says of a mark."""
    named = zip(data.columns[1:], row.cells, strict=True)
    return f"{row.label}: " + ", ".join(f"{name} {cell.text}" for name, cell in named)


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


def _series(data: ChartData, name: str) -> Spec:
    """The series are told apart by colour; their names are below the chart, or at the ends."""
    return {
        "field": name,
        "type": "nominal",
        "scale": {"domain": list(data.series)},
        "legend": None,
    }


def _tips(data: ChartData) -> list[Spec]:
    named = ("label", *(f"cell{place}" for place in range(len(data.columns) - 1)))
    return [
        {"field": name, "title": title} for name, title in zip(named, data.columns, strict=True)
    ]
