"""The documentation as text: its files, tables and names in backticks."""

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DOCS = ROOT / "docs"
ABOUT_THE_PROJECT = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")


@cache
def documents() -> dict[str, str]:
    """Every document's text by its path."""
    files = [ROOT / name for name in ABOUT_THE_PROJECT] + sorted(DOCS.rglob("*.md"))
    return {str(file.relative_to(ROOT)): file.read_text(encoding="utf-8") for file in files}


def table(document: str, first_heading: str) -> list[list[str]]:
    """The rows of the table whose first column has this heading, without the heading's row."""
    lines = iter(documents()[document].splitlines())
    for line in lines:
        if line.startswith(f"| {first_heading} |"):
            next(lines)
            break
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def in_backticks(text: str) -> list[str]:
    """What is code, as it stands there."""
    return re.findall(r"`([^`\n]+)`", text)
