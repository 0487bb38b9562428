"""A list as Parquet, for analysis: decimals, timestamps with their zone, whole numbers."""

import array
from collections.abc import Sequence
from decimal import Context, Decimal
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import pyarrow as pa
from pyarrow import parquet

from cardpay.domain.money import decimals
from cardpay.reporting.exported_lists.list_columns import Column, ColumnType, Stretch
from cardpay.reporting.exported_lists.list_registry import ExportedList

# So many rows are read together by whoever reads the file, and are in memory meanwhile.
_ROW_GROUP: Final = 32_000
# As many decimals as a currency has at most: a column has one scale for all of its rows.
_PLACES: Final = 3
_AMOUNT: Final = pa.decimal128(19, _PLACES)
_RATE: Final = pa.decimal128(30, 15)
_LAST_PLACE: Final = Decimal("1e-15")
_EXACT: Final = Context(prec=30)


class ParquetFile:
    """The file while it is being written."""

    def __init__(self, file: Path, listed: ExportedList, zone: ZoneInfo) -> None:
        """Begin it."""
        self._listed = listed
        types = {
            ColumnType.TEXT: pa.string(),
            ColumnType.AMOUNT: _AMOUNT,
            ColumnType.NUMBER: pa.int64(),
            ColumnType.RATE: _RATE,
            ColumnType.TIME: pa.timestamp("us", zone.key),
            ColumnType.UTC_TIME: pa.timestamp("us", "UTC"),
            ColumnType.DAY: pa.date32(),
        }
        self._schema = pa.schema([(one.name, types[one.type]) for one in listed.columns])
        self._out = parquet.ParquetWriter(file, self._schema, compression="zstd")
        self._waiting: list[pa.RecordBatch] = []

    def write(self, stretch: Stretch) -> None:
        """Add the rows of a stretch."""
        arrays = [
            self._array(column, values, stretch)
            for column, values in zip(self._listed.columns, stretch.columns, strict=True)
        ]
        self._waiting.append(pa.record_batch(arrays, schema=self._schema))
        if sum(batch.num_rows for batch in self._waiting) >= _ROW_GROUP:
            self._write_group()

    def close(self) -> None:
        """The file is whole."""
        if self._waiting:
            self._write_group()
        self._out.close()

    def _write_group(self) -> None:
        table = pa.Table.from_batches(self._waiting, self._schema)
        self._out.write_table(table, row_group_size=table.num_rows)
        self._waiting.clear()

    def _array(self, column: Column, values: Sequence[Any], stretch: Stretch) -> pa.Array:
        wanted = self._schema.field(column.name).type
        if column.type is ColumnType.AMOUNT:
            currencies = stretch.columns[self._listed.column(column.currency)]
            return _amounts(values, currencies)
        if column.type is ColumnType.RATE:
            values = [None if one is None else _rounded(one) for one in values]
        return pa.array(values, wanted)


def _rounded(rate: str) -> Decimal:
    """A rate to the decimals that the column has: Stripe's own have six, a float's seventeen."""
    return Decimal(rate).quantize(_LAST_PLACE, context=_EXACT)


def _amounts(values: Sequence[int | None], currencies: Sequence[str]) -> pa.Array:
    """Amounts in the minor unit as decimals."""
    steps = {code: 10 ** (_PLACES - decimals(code)) for code in set(currencies) if code}
    given = [
        None if amount is None else amount * steps[code]
        for amount, code in zip(values, currencies, strict=True)
    ]
    whole = pa.array(given, pa.int64())
    # 64 bits become 128: the upper half repeats the sign.
    lower = array.array("q", (amount or 0 for amount in given))
    both = array.array("q", bytes(16 * len(given)))
    both[0::2] = lower
    both[1::2] = array.array("q", (-1 if amount < 0 else 0 for amount in lower))
    validity, _ = whole.buffers()
    return pa.Array.from_buffers(_AMOUNT, len(given), [validity, pa.py_buffer(both)])
