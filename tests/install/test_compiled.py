"""Both requirements.txt are whole, and newer than what they are compiled from."""

from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.install import renew
from tests.install.renew import APP, TESTS, header, pyproject

FORM = "cardpay-card-form"
_FORM_LINE = "-e components/card_form"


def pinned(file: Path) -> dict[str, str]:
    """The version of each package, in the order of the file; AssertionError if one floats."""
    versions = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        wanted = line.partition("#")[0].strip()
        if wanted and wanted != _FORM_LINE:
            requirement = Requirement(wanted)
            (exact,) = requirement.specifier
            assert exact.operator == "==", line
            assert requirement.name not in versions, line
            versions[requirement.name] = exact.version
    return versions


@pytest.mark.parametrize("file", [APP, TESTS], ids=["app", "tests"])
def test_it_is_compiled_from_what_is_declared(file: Path) -> None:
    """A direct dependency came, went or changed since: run `python -m tests.install.renew`."""
    assert file.read_text(encoding="utf-8").startswith(header())


def test_all_that_is_declared_is_pinned() -> None:
    """Whatever else was done to the two files, by hand or by a merge."""
    app = pyproject()["project"]["dependencies"]
    assert FORM in app
    assert _FORM_LINE in APP.read_text(encoding="utf-8")
    for file, lines in ((APP, app), (TESTS, pyproject()["dependency-groups"]["tests"])):
        versions = pinned(file)
        for direct in map(Requirement, lines):
            if direct.name != FORM:
                version = versions[canonicalize_name(direct.name)]
                assert direct.specifier.contains(version), direct.name


def test_the_two_agree() -> None:
    """One version of everything for the app and its tests, on every Python and system."""
    app, tests = pinned(APP), pinned(TESTS)
    assert {name: app[name] for name in app.keys() & tests.keys()}.items() <= tests.items()


@pytest.mark.parametrize(("arguments", "code"), [(["--help"], 0), (["--upgrdae"], 2)])
def test_to_ask_how_it_is_used_compiles_nothing(
    arguments: list[str], code: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """And neither does a mistyped option."""
    compiled: list[Path] = []
    monkeypatch.setattr(renew, "_compile", lambda file, *_: compiled.append(file))
    monkeypatch.setattr(renew, "APP", tmp_path / "neither.txt")  # nor would it be found
    with pytest.raises(SystemExit) as ended:
        renew.main(arguments)
    assert (ended.value.code, compiled) == (code, [])
