"""What stands on a receipt, in words and in order. The page and the PDF only draw it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from cardpay.domain.company import Company
from cardpay.domain.money import Money
from cardpay.domain.money_format import DEFAULT_LOCALE, format_money
from cardpay.domain.payment.refund import DAYS_TO_REACH_CARD
from cardpay.domain.receipt import Receipt, ReceiptLine

_MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Sum:
    """A line beside an amount, below the table."""

    label: str
    amount: str


@dataclass(frozen=True)
class Sheet:
    """The texts of one receipt, from top to bottom.

    `facts` are headings with the lines below them. The table's first column is at the left, all
    others at the right. `total` is the sum that stands out.
    """

    title: str
    name: str
    logo: bytes
    letterhead: tuple[str, ...]
    warning: str
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    sums: tuple[Sum, ...]
    total: Sum
    after: tuple[Sum, ...]
    closing: str
    foot: str
    number: str
    at: datetime

    def texts(self) -> Iterator[str]:
        """Every text, to find out which fonts are needed."""
        yield from (self.title, self.name, self.warning, self.closing, self.foot, self.number)
        yield from self.letterhead
        for heading, lines in self.facts:
            yield heading
            yield from lines
        yield from self.headings
        for row in self.rows:
            yield from row
        for one in (*self.sums, self.total, *self.after):
            yield one.label
            yield one.amount


def sheet(receipt: Receipt, zone: ZoneInfo) -> Sheet:
    """The receipt in words, with times in the zone of the business day."""
    refund = receipt.refund_of is not None
    headings, rows = _table(receipt)
    return Sheet(
        title="Refund receipt" if refund else "Receipt",
        name=receipt.company.name,
        logo=receipt.company.logo,
        letterhead=tuple(_letterhead(receipt.company)),
        warning="" if receipt.livemode else "Test payment: no money has moved",
        facts=tuple(_facts(receipt, zone)),
        headings=headings,
        rows=rows,
        sums=() if refund else tuple(_sums(receipt)),
        total=Sum("Total refunded" if refund else "Total paid", _with_code(receipt.total)),
        after=tuple(_after(receipt, zone)),
        closing=_closing(receipt),
        foot=f"Payment {receipt.payment_intent_id}" if receipt.payment_intent_id else "",
        number=receipt.number,
        at=receipt.at,
    )


def _letterhead(company: Company) -> Iterator[str]:
    yield company.name
    yield from company.address
    reached = " · ".join(part for part in (company.phone, company.email) if part)
    yield from (line for line in (reached, company.tax_number) if line)


def _facts(receipt: Receipt, zone: ZoneInfo) -> Iterator[tuple[str, tuple[str, ...]]]:
    refund = receipt.refund_of is not None
    known = {
        "Receipt number": (receipt.number,),
        "Refund of receipt": (receipt.refund_of or "",),
        "Order": (receipt.order_reference,),
        "Refunded" if refund else "Paid": (_time(receipt.at, zone),),
        "Customer" if refund else "Paid by": (receipt.customer_name, receipt.customer_email),
        "Refunded to" if refund else "Card" if receipt.is_card else "Payment method": (
            receipt.method.replace("•••• ", "ending "),
        ),
        "Taken by": ("" if refund else receipt.taken_by,),
    }
    for heading, lines in known.items():
        there = tuple(line for line in lines if line)
        if there:
            yield heading, there


def _table(receipt: Receipt) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The headings and rows; a column that would be empty is left out."""
    amount = f"Amount, {receipt.total.currency.upper()}"
    if receipt.refund_of is not None:
        what = f"Refund of order {receipt.order_reference}"
        return ("Refund", amount), ((what, format_money(receipt.total)),)
    priced = any(line.price for line in receipt.lines)
    taxed = any(line.tax for line in receipt.lines)
    headings = ["Product", "Quantity"]
    headings += ["Price"] if priced else []
    headings += ["Tax"] if taxed else []
    rows = (_row(line, priced=priced, taxed=taxed) for line in receipt.lines)
    return (*headings, amount), tuple(rows)


def _row(line: ReceiptLine, *, priced: bool, taxed: bool) -> tuple[str, ...]:
    cells = [line.name, str(line.quantity)]
    cells += [format_money(line.price) if line.price else ""] if priced else []
    cells += [line.tax] if taxed else []
    return (*cells, format_money(line.amount))


def _sums(receipt: Receipt) -> Iterator[Sum]:
    """From what was ordered to what was paid."""
    if receipt.taxes:
        tax = sum(one.amount.amount_minor for one in receipt.taxes)
        rest = Money(receipt.ordered.amount_minor - tax, receipt.ordered.currency)
        yield Sum("Without tax", format_money(rest))
        yield from (Sum(one.label, format_money(one.amount)) for one in receipt.taxes)
    left_out = receipt.ordered.amount_minor - receipt.total.amount_minor
    if left_out > 0:
        yield Sum("Order", format_money(receipt.ordered))
        yield Sum("Not charged", _less(Money(left_out, receipt.total.currency)))


def _after(receipt: Receipt, zone: ZoneInfo) -> Iterator[Sum]:
    """What was given back since, and what is left."""
    if not receipt.refunds:
        return
    for refund in receipt.refunds:
        yield Sum(f"Refunded {_day(refund.at, zone)}", _less(refund.amount))
    given_back = sum(refund.amount.amount_minor for refund in receipt.refunds)
    left = Money(receipt.total.amount_minor - given_back, receipt.total.currency)
    yield Sum("Left after refunds", format_money(left))


def _closing(receipt: Receipt) -> str:
    said = []
    if receipt.refund_of is None:
        whole = receipt.total == receipt.ordered and not receipt.refunds
        said += ["Paid in full."] if whole else []
    elif receipt.is_card:
        said.append(f"A refund takes {DAYS_TO_REACH_CARD} days to reach the card.")
    company = receipt.company
    ways = [f"call {company.phone}"] if company.phone else []
    ways += [f"write to {company.email}"] if company.email else []
    if ways:
        asked = " or ".join(ways)
        said.append(
            f"Questions about this receipt? {asked[0].upper()}{asked[1:]} and give the receipt "
            "number."
        )
    return " ".join(said)


def _with_code(money: Money) -> str:
    """The amount with its currency's code, once."""
    text, code = format_money(money), money.currency.upper()
    return text if code in text else f"{text}\N{NO-BREAK SPACE}{code}"


def _less(money: Money) -> str:
    return f"{_MINUS}{format_money(money)}"


def _time(at: datetime, zone: ZoneInfo) -> str:
    """ "29 November 2026, 14:03 GMT"."""
    return str(format_datetime(at, "d MMMM y, HH:mm z", tzinfo=zone, locale=DEFAULT_LOCALE))


def _day(at: datetime, zone: ZoneInfo) -> str:
    """ "29 November 2026"."""
    return str(format_datetime(at, "d MMMM y", tzinfo=zone, locale=DEFAULT_LOCALE))
