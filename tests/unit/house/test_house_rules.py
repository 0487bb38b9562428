"""What the linters cannot say about how the code is kept."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FUNCTION_LINES = 70

# A newcomer reads the first listing: what stands there has earned it.
TOP_LEVEL = {
    ".ci",
    ".editorconfig",
    ".env.example",
    ".gitignore",
    ".pre-commit-config.yaml",
    ".streamlit",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "README.md",
    "SECURITY.md",
    "app.py",
    "cardpay",
    "components",
    "docs",
    "pages",
    "pyproject.toml",
    "requirements.txt",
    "tests",
}

# Text that is only right on one machine, or points to people and hosts that are not ours.
MISPLACED = {
    "a path of one machine": re.compile(r"(?<![\w.)}$])/(?:home|root|tmp|work|Users)/\w"),
    "a package registry's address": re.compile(r"https?://[\w.]*(?:registry|pypi|npmjs)[\w.]*"),
    "an e-mail address not at example.com": re.compile(
        r"[\w.+-]+@(?!example\.com\b)[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|net|io|dev|co|uk|de)\b"
    ),
    "something left to do": re.compile(r"\b(?:TODO|FIXME|XXX)\b"),
}


@cache
def tracked() -> tuple[Path, ...]:
    """The project's files, as a clone has them."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    files = [ROOT / name for name in listed.split("\0") if name]
    return tuple(file for file in files if file.is_file())


def modules() -> list[Path]:
    """Every Python file, except migrations: history is not shortened."""
    return [file for file in tracked() if file.suffix == ".py" and "versions" not in file.parts]


def texts() -> Iterator[tuple[Path, str]]:
    """Every text file that people write; built bundles and this table are none."""
    for file in tracked():
        if "build" in file.parts or file == Path(__file__):
            continue
        try:
            yield file, file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def test_functions_fit_a_screen() -> None:
    """No function has more than 70 lines, its docstring included."""
    too_long = {}
    for file in modules():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                lines = node.end_lineno - node.lineno + 1
                if lines > FUNCTION_LINES:
                    too_long[f"{file.relative_to(ROOT)}:{node.name}"] = lines
    assert not too_long


def test_every_test_says_what_is_true() -> None:
    """Its name and one sentence are the specification."""
    silent = [
        f"{file.relative_to(ROOT)}:{node.name}"
        for file in modules()
        if "tests" in file.relative_to(ROOT).parts
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    assert not silent


def test_the_top_level_is_short() -> None:
    """Nothing lands there unnoticed."""
    assert {file.relative_to(ROOT).parts[0] for file in tracked()} <= TOP_LEVEL


def test_no_module_is_a_drawer() -> None:
    """A file's name says what is inside."""
    drawers = {"utils", "helpers", "misc", "common", "base", "tools"}
    assert not [file for file in modules() if file.stem in drawers]


def test_no_file_leaves_by_streamlit() -> None:
    """What its elements hand out lies at an address that asks nobody who they are."""
    by_streamlit = {"download_button", "image", "audio", "video", "pdf", "pyplot"}
    calls = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in modules()
        if file.relative_to(ROOT).parts[0] in {"components", "pages"}
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in by_streamlit
    ]
    assert not calls
    looks = (ROOT / "components/frame/desk_style.css").read_text(encoding="utf-8")
    assert '[data-testid="stElementToolbar"] { display: none }' in looks


def test_every_callback_is_done_to_its_end() -> None:
    """Streamlit ends one where another run is due: a press is lost (`uninterrupted`)."""
    interrupted = [
        f"{file.relative_to(ROOT)}:{given.value.lineno}"
        for file in modules()
        if file.is_relative_to(ROOT / "components") or file.is_relative_to(ROOT / "pages")
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call)
        for given in call.keywords
        if (given.arg or "").startswith("on_") and not _is_uninterrupted(given)
    ]
    assert interrupted == []


def _is_uninterrupted(given: ast.keyword) -> bool:
    match given.value:
        case ast.Call(func=ast.Name(id="uninterrupted")) | ast.Constant():
            return True
        case ast.Name(id="keep_session_active"):
            return True  # it does not use the session
        case ast.Name(id=name):
            # It is handed on, or leaves the page.
            return name.startswith("on_") or name == "opened"
    return False


@pytest.mark.parametrize("kind", MISPLACED)
def test_nothing_misplaced(kind: str) -> None:
    """No file names one machine, a registry, a stranger's address or an unkept promise."""
    found = [
        f"{file.relative_to(ROOT)}: {match.group()}"
        for file, text in texts()
        for match in MISPLACED[kind].finditer(text)
    ]
    assert not found
