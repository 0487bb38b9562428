"""The workbook: Summary, Transactions and Payouts, with real numbers and real dates.

Written row by row into a file, so that it takes little memory however many rows it has.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from xlsxwriter import Workbook

from cardpay.domain.business_days import Days
from cardpay.domain.money import Money, shown_decimals
from cardpay.reporting.balance.balance_of_days import Balance
from cardpay.reporting.balance.categories import category_words
from cardpay.reporting.balance.ledger_rows import LedgerRow
from cardpay.reporting.operations.payout_reports import PayoutReport

_SUMMARY: Final = ("Currency", "Line", "Transactions", "Gross", "Fee", "Net")
_TRANSACTIONS: Final = (
    "Time",
    "Category",
    "Order reference",
    "Gross",
    "Fee",
    "Net",
    "Currency",
    "Exchange rate",
    "Available on",
    "Payout",
    "Transaction",
    "Source",
    "Payment",
)
_PAYOUTS: Final = (
    "Created",
    "Arrives on",
    "Status",
    "Amount",
    "Currency",
    "Transactions",
    "Sum of transactions",
    "Remainder",
    "Statement descriptor",
    "Trace ID",
    "Payout",
)
_WIDTH: Final = 20
# Excel specifications and limits: rows of a sheet, the header included.
_SHEET_ROWS: Final = 1_048_576


@dataclass
class CategoryTotal:
    """What the rows of one currency and category come to, in the minor unit."""

    transactions: int = 0
    gross: int = 0
    fee: int = 0
    net: int = 0


@dataclass
class WrittenMonth:
    """What a workbook had: the totals by currency and category, and each transaction's id."""

    totals: dict[str, dict[str, CategoryTotal]] = field(default_factory=dict)
    ids: dict[str, list[str]] = field(default_factory=dict)

    def add(self, row: LedgerRow) -> None:
        """Count one transaction."""
        total = self.totals.setdefault(row.currency, {}).setdefault(row.category, CategoryTotal())
        total.transactions += 1
        total.gross += row.gross_minor
        total.fee += row.fee_minor
        total.net += row.net_minor
        self.ids.setdefault(row.currency, []).append(row.transaction_id)

    def net(self, currency: str) -> int:
        """What all transactions of a currency come to."""
        return sum(one.net for one in self.totals.get(currency, {}).values())


class _Sheets:
    """Writes cells of one workbook."""

    def __init__(self, book: Any, zone: ZoneInfo) -> None:
        self._book = book
        self._zone = zone
        self._head = book.add_format({"bold": True, "bottom": 1})
        self._bold = book.add_format({"bold": True})
        self._time = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._amounts: dict[str, Any] = {}

    def begin(self, name: str, heads: Iterable[str]) -> Any:
        """A sheet with its header, which stays in place."""
        sheet = self._book.add_worksheet(name)
        heads = list(heads)
        sheet.set_column(0, len(heads) - 1, _WIDTH)
        for place, head in enumerate(heads):
            sheet.write_string(0, place, head, self._head)
        sheet.freeze_panes(1, 0)
        return sheet

    def row(self, sheet: Any, number: int, cells: Iterable[object], *, bold: bool = False) -> None:
        """Amounts as numbers with their currency's decimals, times as the zone's clock shows them.

        Everything else is text, whatever it looks like.
        """
        for place, cell in enumerate(cells):
            if isinstance(cell, Money):
                sheet.write_number(number, place, cell.amount_major, self._amount(cell.currency))
            elif isinstance(cell, datetime):
                here = cell.astimezone(self._zone).replace(tzinfo=None)
                sheet.write_datetime(number, place, here, self._time)
            elif isinstance(cell, int):
                sheet.write_number(number, place, cell)
            elif isinstance(cell, date):
                sheet.write_datetime(number, place, cell, self._day)
            elif cell:
                sheet.write_string(number, place, str(cell), self._bold if bold else None)

    def _amount(self, currency: str) -> Any:
        if currency not in self._amounts:
            places = shown_decimals(currency)
            shown = "#,##0" + ("." + "0" * places if places else "")
            self._amounts[currency] = self._book.add_format({"num_format": shown})
        return self._amounts[currency]


def write_workbook(
    file: Path,
    days: Days,
    zone: ZoneInfo,
    rows: Iterable[LedgerRow],
    payouts: Iterable[PayoutReport],
    read_balances: Callable[[], Iterable[Balance]],
) -> WrittenMonth:
    """Write the whole workbook; returns what its transactions come to.

    Of the balances, which are read last, opening and closing alone are taken: what lies between
    them is summed from the rows, and checked by them.
    """
    book = Workbook(str(file), {"constant_memory": True, "tmpdir": str(file.parent)})
    sheets = _Sheets(book, zone)
    summary = sheets.begin("Summary", _SUMMARY)
    written = _write_transactions(sheets, rows)
    _write_payouts(sheets, payouts)
    _write_summary(sheets, summary, days, written, read_balances())
    book.close()
    return written


def _write_transactions(sheets: _Sheets, rows: Iterable[LedgerRow]) -> WrittenMonth:
    written = WrittenMonth()
    sheet, number, sheets_begun = sheets.begin("Transactions", _TRANSACTIONS), 0, 1
    for row in rows:
        if number == _SHEET_ROWS - 1:
            sheets_begun += 1
            sheet = sheets.begin(f"Transactions {sheets_begun}", _TRANSACTIONS)
            number = 0
        number += 1
        written.add(row)
        sheets.row(
            sheet,
            number,
            (
                row.at,
                category_words(row.category),
                row.order_reference,
                Money(row.gross_minor, row.currency),
                Money(row.fee_minor, row.currency),
                Money(row.net_minor, row.currency),
                row.currency.upper(),
                row.exchange_rate,
                row.available_at,
                row.payout_id,
                row.transaction_id,
                row.source_id,
                row.payment_id,
            ),
        )
    sheet.autofilter(0, 0, max(number, 1), len(_TRANSACTIONS) - 1)
    return written


def _write_payouts(sheets: _Sheets, payouts: Iterable[PayoutReport]) -> None:
    sheet, number = sheets.begin("Payouts", _PAYOUTS), 0
    for number, one in enumerate(payouts, 1):
        known = one.remainder is not None
        sheets.row(
            sheet,
            number,
            (
                one.created_at,
                one.arrival_at.astimezone(UTC).date() if one.arrival_at else None,
                one.status,
                one.amount,
                one.amount.currency.upper(),
                one.transactions if known else None,
                one.listed if known else None,
                one.remainder,
                one.descriptor,
                one.trace_id,
                one.payout_id,
            ),
        )
    sheet.autofilter(0, 0, max(number, 1), len(_PAYOUTS) - 1)


def _write_summary(
    sheets: _Sheets, sheet: Any, days: Days, written: WrittenMonth, balances: Iterable[Balance]
) -> None:
    number = 0

    def line(*cells: object, bold: bool = False) -> None:
        nonlocal number
        number += 1
        sheets.row(sheet, number, cells, bold=bold)

    for balance in balances:
        code = balance.currency
        upper = code.upper()
        line(upper, f"Opening balance, {days.first}", None, None, None, balance.opening, bold=True)
        totals = written.totals.get(code, {})
        for category, total in sorted(totals.items()):
            amounts = (Money(one, code) for one in (total.gross, total.fee, total.net))
            line(upper, category_words(category), total.transactions, *amounts)
        line(upper, f"Closing balance, {days.last}", None, None, None, balance.closing, bold=True)
        left = balance.closing.amount_minor - balance.opening.amount_minor - written.net(code)
        words = "Closing − opening − transactions (0 if it adds up)"
        line(upper, words, None, None, None, Money(left, code))
        line()
