"""Links lead somewhere, and what is read first is short."""

import re
import tomllib
from pathlib import PurePosixPath

from tests.unit.docs.documents import DOCS, ROOT, documents

README_LINES = 130


def _anchor(heading: str) -> str:
    """As GitHub makes it: lower case, without punctuation, hyphens for spaces."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def _anchors(document: str) -> set[str]:
    return {
        _anchor(heading)
        for heading in re.findall(r"^#+ (.+)$", documents()[document], re.MULTILINE)
    }


def test_every_link_leads_somewhere() -> None:
    """To a file of the project, and to a heading in it."""
    dead = []
    for document, text in documents().items():
        for link in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"https?://", link):
                continue
            path, _, anchor = link.partition("#")
            target = (ROOT / document).parent / path if path else ROOT / document
            name = str(PurePosixPath(target.resolve().relative_to(ROOT)))
            if not target.exists() or (anchor and anchor not in _anchors(name)):
                dead.append(f"{document}: {link}")
    assert dead == []


def test_every_document_is_linked_from_another() -> None:
    """What nobody links to, nobody finds."""
    linked = {
        str((((ROOT / document).parent) / link.partition("#")[0]).resolve())
        for document, text in documents().items()
        for link in re.findall(r"\]\(([^)\s]+)\)", text)
    }
    assert {str(file) for file in DOCS.rglob("*") if file.is_file()} - linked == set()


def test_the_readme_is_short() -> None:
    """It is read standing."""
    assert len(documents()["README.md"].splitlines()) <= README_LINES


def test_only_the_demos_files_are_to_be_deleted() -> None:
    """Other files in `var` may be the books of a company."""
    deleted = {
        what.strip("`*.")
        for text in documents().values()
        for what in re.findall(r"(?:\brm\b|[Dd]elete) ([`./\w*-]*var[^\s]*)", text)
    }
    assert deleted == {"var/demo"}


def test_nothing_claims_to_be_released() -> None:
    """The version is 0.x and one for all parts, and the changelog has no released one."""
    declared = {
        tomllib.loads((ROOT / file).read_text(encoding="utf-8"))["project"]["version"]
        for file in ("pyproject.toml", "components/card_form/pyproject.toml")
    }
    assert declared == {"0.1.0"}
    assert re.findall(r"^## (.+)$", documents()["CHANGELOG.md"], re.MULTILINE) == ["Unreleased"]
