"""docs/exports.md names every column of every file, as it is, and no other."""

import pytest

from cardpay.domain.exports.exported_files import ExportKind
from cardpay.reporting.exported_lists.list_registry import LISTS
from tests.unit.docs.documents import DOCS


@pytest.mark.parametrize("kind", ExportKind)
def test_every_column_is_documented(kind: ExportKind) -> None:
    """In the order of the file, with its type and what it is."""
    listed = LISTS[kind]
    text = (DOCS / "exports.md").read_text(encoding="utf-8")
    section = text.partition(f"\n### {listed.title}\n")[2].partition("\n### ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")][1:]
    assert rows == [
        f"| {one.name} | {one.type}{', in ' * bool(one.currency)}{one.currency} | {one.meaning} |"
        for one in listed.columns
    ]


@pytest.mark.parametrize("kind", ExportKind)
def test_every_amount_has_its_currency(kind: ExportKind) -> None:
    """In another column of the same file; and no two columns have one name."""
    names = [one.name for one in LISTS[kind].columns]
    assert len(set(names)) == len(names)
    for one in LISTS[kind].columns:
        assert (one.type == "amount") == (one.currency in names)
