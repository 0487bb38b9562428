"""The list of payments from the desk's Parquet export, in DuckDB's own environment.

`python duckdb_list.py FILE SEARCH FIRST_DAY LAST_DAY REPEATS` prints, as JSON, how many
milliseconds a page of 25 with its count and sums takes: of all, of the id, of the days.
"""

import json
import sys
import time
from statistics import median

import duckdb


def main() -> None:
    """Measure, and tell."""
    file, search, first, last, repeats = sys.argv[1:]
    source = f"read_parquet('{file}')"
    by_id = ' WHERE "PaymentIntent" = ?'
    by_days = ' WHERE "Time" >= ?::DATE AND "Time" < ?::DATE + 1'
    found = {
        "first page": _median(source, "", [], int(repeats)),
        "search": _median(source, by_id, [search], int(repeats)),
        "filter": _median(source, by_days, [first, last], int(repeats)),
    }
    sys.stdout.write(json.dumps(found))


def _median(source: str, where: str, values: list[str], repeats: int) -> float:
    page = f'SELECT * FROM {source}{where} ORDER BY "Time" DESC LIMIT 25'
    sums = f'SELECT "Currency", count(*), sum("Received") FROM {source}{where} GROUP BY 1'
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        assert duckdb.execute(page, values).fetchall()
        assert duckdb.execute(sums, values).fetchall()
        times.append(1_000 * (time.perf_counter() - began))
    return median(times)


if __name__ == "__main__":
    main()
