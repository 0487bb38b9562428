"""Folders by capability: the same word in each layer, nothing loose, tests as the product is."""

from collections import Counter, defaultdict
from pathlib import Path
from typing import Final

import pytest

from tests.unit.house.test_house_rules import ROOT, tracked

MOST_FILES: Final = 15
LOOSE: Final = 3  # so many loose modules of one subject are a folder
PRODUCT: Final = ("cardpay", "components", "pages")
# What a test's folder is called where no folder of the product is its subject.
OWN_SUBJECT: Final = {
    "unit/docs": "the documentation",
    "unit/house": "the project itself",
    "unit/support": "the tests' own support",
    "integration/processes": "several processes at once",
}
# Names that several files of the product bear, since they are of one capability or one kind.
MAY_REPEAT: Final = {
    "__init__": "what is in the folder",
    "account": "the Stripe account",
    "audit": "the audit log",
    "audit_chain": "the audit log's chain: what it is, and what the screen says of it",
    "audit_filter": "which entries of the audit log",
    "balance": "the Stripe balance: the simulated Stripe's, and the page that adds it up",
    "catalogue": "what is sold",
    "command_line": "the commands: the desk's, and the sandbox's own",
    "company": "the company: what it is called, and the settings that say so",
    "customers": "customers: the list of ours, and Stripe's",
    "disputes": "disputes",
    "errors": "the errors of a layer, beside what raises them",
    "events": "Stripe's events",
    "insights": "what the business did in a range of days, read and shown",
    "migrate": "bringing the database up to date",
    "needs_review": "what waits for a person, read and shown",
    "operations": "operations: one write to Stripe each",
    "payment_details": "one payment, read and shown",
    "payments": "payments",
    "products": "what is sold",
    "receipt": "the receipt of a payment, and what the screen shows of it",
    "refunds": "refunds",
    "report": "counts and sums of what was paid: read, and the command",
    "retention": "how long personal data is kept",
    "sessions": "sign-ins: what they are, their page and their command",
    "settings": "the settings, and their page",
    "sign_in": "sign-in",
    "sign_in_checks": "what is refused, and what the doctor says, of sign-in's settings",
    "take_payment": "the screen that takes a payment",
    "three_d_secure": "a cardholder's authentication: the desk's side, and the simulated Stripe's",
}


def modules() -> list[Path]:
    """The product's Python files from the project's root; migrations are history."""
    found = (file.relative_to(ROOT) for file in tracked() if file.suffix == ".py")
    return [file for file in found if file.parts[0] in PRODUCT and "versions" not in file.parts]


def folders() -> list[Path]:
    """Every folder that holds a file of the product, however deep."""
    return sorted({above for file in modules() for above in file.parents if above.name})


def test_no_folder_is_crowded() -> None:
    """At most 15 files of one kind side by side; migrations and test cases are counted apart."""
    kinds = Counter(
        (str(file.relative_to(ROOT).parent), file.suffix)
        for file in tracked()
        if "versions" not in file.parts and not file.name.startswith("test_")
    )
    assert {kind: count for kind, count in kinds.items() if count > MOST_FILES} == {}


def test_no_loose_module_belongs_in_a_folder() -> None:
    """Where a folder bears a module's first word, or several modules do, they are one folder."""
    loose = []
    for folder in folders():
        inside = {other.name for other in folders() if other.parent == folder}
        by_word = defaultdict(list)
        for file in modules():
            if file.parent == folder and inside and not file.stem.startswith("__"):
                by_word[file.stem.partition("_")[0]].append(str(file))
        loose += [
            file
            for word, files in by_word.items()
            if word in inside or len(files) >= LOOSE
            for file in files
        ]
    assert loose == []


@pytest.mark.parametrize("tier", ["unit", "integration"])
def test_the_tests_mirror_the_product(tier: str) -> None:
    """A test's folder is named as the folder, or the module, that it tests."""
    known = {*map(str, folders()), *(str(file.with_suffix("")) for file in modules())}
    strays = set()
    for file in tracked():
        parts = file.relative_to(ROOT).parts[:-1]
        if parts[:2] != ("tests", tier) or "/".join(parts[1:]) in OWN_SUBJECT:
            continue
        subject = "/".join(parts[2:])
        if subject and not {subject, f"cardpay/{subject}"} & known:
            strays.add("/".join(parts))
    assert strays == set()


def test_a_name_means_one_thing() -> None:
    """Two files of one name are of one capability; each name that repeats is listed above."""
    by_name = defaultdict(list)
    for file in modules():
        by_name[file.stem].append(str(file))
    repeated = {name: files for name, files in by_name.items() if len(files) > 1}
    assert {name: files for name, files in repeated.items() if name not in MAY_REPEAT} == {}


def test_every_folder_says_what_is_in_it() -> None:
    """In the docstring of its `__init__.py`; `components/` and `pages/` are no packages."""
    silent = [
        str(folder)
        for folder in folders()
        if str(folder) not in {"components", "pages", "cardpay/storage/migrations"}
        and not _docstring(ROOT / folder / "__init__.py")
    ]
    assert silent == []


def _docstring(file: Path) -> bool:
    return file.is_file() and file.read_text(encoding="utf-8").startswith('"""')
