"""Amounts and times as the cells of a file: exact numbers, and times as a clock shows them."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, tzinfo

from cardpay.domain.money import decimals, shown_decimals


def amount_texts(
    amounts_minor: Iterable[int | None], currencies: Iterable[str]
) -> list[str | None]:
    """Exact decimals with each currency's decimals and a point: "1250.50", "-5", "45.500"."""
    codes = [*currencies]
    forms = {code: _form(code) for code in set(codes) if code}
    return [
        None if amount is None else forms[code](amount)
        for amount, code in zip(amounts_minor, codes, strict=True)
    ]


def clock_texts(times: Iterable[datetime | None], zone: tzinfo) -> list[str | None]:
    """The times as a clock in the zone shows them, to the second: "2026-03-29 02:00:00"."""
    if zone is UTC:
        return [at.isoformat(" ")[:19] if at else None for at in times]
    return [at.astimezone(zone).isoformat(" ")[:19] if at else None for at in times]


def _form(currency: str) -> Callable[[int], str]:
    places = decimals(currency)
    if not places:
        return str
    whole = 10**places

    def text(amount_minor: int) -> str:
        sign = "-" if amount_minor < 0 else ""
        major, minor = divmod(abs(amount_minor), whole)
        return f"{sign}{major}.{minor:0{places}}"

    def shown(amount_minor: int) -> str:
        """ISK and UGX, whose two decimals are always 00, without them."""
        return text(amount_minor) if amount_minor % whole else str(amount_minor // whole)

    return text if shown_decimals(currency) else shown
