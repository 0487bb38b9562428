"""The README says what the code says."""

from cardpay.domain.access.actor import PERMISSIONS, Permission, Role
from cardpay.settings import Settings
from tests.unit.house.test_house_rules import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
SETTINGS = {str(field.alias) for field in Settings.model_fields.values()}


def test_the_table_of_permissions_is_that_of_the_code() -> None:
    """Role by role, in the code's order."""
    expected = ["| permission | " + " | ".join(Role) + " |", "|---" * (len(Role) + 1) + "|"]
    for permission in Permission:
        held = ("yes" if permission in PERMISSIONS[role] else "" for role in Role)
        expected.append(f"| {permission.value} | " + " | ".join(held) + " |")
    assert "\n".join(expected) in README


def test_every_setting_is_explained() -> None:
    """Nobody has to read the code to find a variable."""
    assert {name for name in SETTINGS if f"`{name}`" not in README} == set()


def test_the_file_to_copy_has_every_setting() -> None:
    """Each once, and none that the desk does not know."""
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    offered = [line.removeprefix("# ").partition("=")[0] for line in lines if "=" in line]
    assert sorted(offered) == sorted(SETTINGS)
