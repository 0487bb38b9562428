"""The table of OWASP's requirements: complete, and nothing without its grounds.

That the files and tests it names exist, `test_documented_names` holds of every document.
"""

import re
from typing import Final

from tests.unit.docs.documents import documents, table

DOCUMENT: Final = "docs/security.md"
# The requirements of levels 1 and 2 (ASVS 5.0.0), from the first to the last of each section: what
# is left out is of level 3.
SECTIONS: Final = """
    1.1.1-2 1.2.1-9 1.3.1-11 1.4.1-3 1.5.1-2 2.1.1-3 2.2.1-3 2.3.1-4 2.4.1-1
    3.2.1-2 3.3.1-4 3.4.1-6 3.5.1-5 3.7.1-2 4.1.1-3 4.2.1-1 4.3.1-2 4.4.1-4
    5.1.1-1 5.2.1-3 5.3.1-2 5.4.1-3 6.1.1-3 6.2.1-12 6.3.1-4 6.4.1-4 6.5.1-5 6.6.1-3 6.8.1-4
    7.1.1-3 7.2.1-4 7.3.1-2 7.4.1-5 7.5.1-2 7.6.1-2 8.1.1-2 8.2.1-3 8.3.1-1 8.4.1-1
    9.1.1-3 9.2.1-4 10.1.1-2 10.2.1-2 10.3.1-4 10.4.1-11 10.5.1-5 10.6.1-2 10.7.1-3
    11.1.1-2 11.2.1-3 11.3.1-3 11.4.1-4 11.5.1-1 11.6.1-1 12.1.1-3 12.2.1-2 12.3.1-4
    13.1.1-1 13.2.1-5 13.3.1-2 13.4.1-5 14.1.1-2 14.2.1-4 14.3.1-3 15.1.1-3 15.2.1-3 15.3.1-7
    16.1.1-1 16.2.1-5 16.3.1-4 16.4.1-3 16.5.1-3 17.1.1-1 17.2.1-4 17.3.1-2
""".split()
COUNT: Final = 253  # 70 of level 1, 183 of level 2
SHORTEST_REASON: Final = 15


def requirements() -> list[str]:
    """Their numbers, in order."""
    found = []
    for section in SECTIONS:
        begin, last = section.split("-")
        above, _, first = begin.rpartition(".")
        found += [f"V{above}.{number}" for number in range(int(first), int(last) + 1)]
    return found


def rows() -> list[list[str]]:
    """Of all chapters, each with number, requirement, state, and where or why."""
    headings = re.findall(r"^\| (V\d+ [^|]*) \|", documents()[DOCUMENT], re.MULTILINE)
    return [row for heading in headings for row in table(DOCUMENT, heading)]


def test_every_requirement_stands_there_once() -> None:
    """In the standard's order."""
    assert len(requirements()) == COUNT
    assert [row[0] for row in rows()] == requirements()


def test_each_state_has_its_grounds() -> None:
    """What is met names where; what is not, or does not apply, says why."""
    groundless = [
        row[0]
        for row in rows()
        if row[2] not in {"met", "n/a", "not met"}
        or (row[2] == "met" and not ("`" in row[3] or "(#" in row[3] or row[3].startswith("as V")))
        or (row[2] != "met" and len(row[3]) < SHORTEST_REASON)
    ]
    assert groundless == []


def test_the_counts_are_right() -> None:
    """Those in the text above the table."""
    states = [row[2] for row in rows()]
    for state in ("met", "n/a", "not met"):
        assert f"{states.count(state)} {state}" in documents()[DOCUMENT]
