"""Every setting is explained once, with its default, and nothing else is called one."""

import re

from cardpay.domain.access.permissions import PERMISSIONS, Permission, Role
from cardpay.settings import Settings
from tests.unit.docs.documents import ROOT, documents, in_backticks, table

_NONE = (None, "")  # the default is told in words
FIELDS = {str(field.alias): field for field in Settings.model_fields.values()}


def test_the_table_has_every_setting_once() -> None:
    """Nobody has to read the code to find a variable."""
    named = [in_backticks(row[0]) for row in table("docs/settings.md", "name")]
    assert sorted(named) == sorted([name] for name in FIELDS)


def test_each_default_is_the_codes() -> None:
    """A default that depends on others is told in words, every other one as it is."""
    told = {row[0].strip("`"): row[1] for row in table("docs/settings.md", "name")}
    plain = {name: field.default for name, field in FIELDS.items() if field.default not in _NONE}
    assert {name: told[name] for name in plain} == {
        name: f"`{value:g}`" if isinstance(value, float) else f"`{value}`"
        for name, value in plain.items()
    }
    assert all(told.values())


def test_no_document_names_a_setting_that_is_none() -> None:
    """Variables of the tests themselves are those that tests/run.sh knows."""
    of_tests = (ROOT / "tests" / "run.sh").read_text(encoding="utf-8")
    unknown = {
        f"{document}: {name}"
        for document, text in documents().items()
        for name in re.findall(r"\b(?:CARDPAY|STRIPE)_[A-Z_]*[A-Z]\b", text)
        if name not in FIELDS and f"export {name}" not in of_tests
    }
    assert unknown == set()


def test_the_file_to_copy_has_every_setting() -> None:
    """Each once, and none that the desk does not know."""
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    offered = [line.removeprefix("# ").partition("=")[0] for line in lines if "=" in line]
    assert sorted(offered) == sorted(FIELDS)


def test_the_days_of_retention_are_the_codes() -> None:
    """The table about personal data says what the settings say."""
    told = {row[0].strip("`"): row[1] for row in table("docs/personal-data.md", "setting")}
    assert told == {name: str(field.default) for name, field in FIELDS.items() if "_KEEP_" in name}


def test_the_table_of_permissions_is_that_of_the_code() -> None:
    """Role by role, in the code's order."""
    expected = [
        [permission.value, *("yes" if permission in PERMISSIONS[role] else "" for role in Role)]
        for permission in Permission
    ]
    assert table("docs/signing-in.md", "permission | " + " | ".join(Role)) == expected
