"""Commands, addresses, files and words: the documentation names what exists, and all of it."""

import re
import subprocess
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any, cast

import click
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from cardpay.commands.command_line import cardpay
from cardpay.sandbox.fault_injection import REQUEST_KINDS, WEBHOOK_KINDS
from cardpay.web.routes import receiver_routes, routes
from components.frame.page_list import PAGES
from components.web.audit_routes import audit_routes
from components.web.balance_routes import balance_routes
from components.web.export_routes import export_routes
from components.web.insight_routes import insight_routes
from components.web.receipt_routes import receipt_routes
from components.web.signing_in.sign_in_routes import sign_in_routes
from tests.unit.docs.documents import ROOT, documents, in_backticks, table

OPERATIONS = "docs/operations.md"
# Folders whose own folders are capabilities: a line for each.
ROOMS = ("cardpay", "cardpay/services", "components")


def _commands() -> dict[str, set[str]]:
    """Every command with its options."""
    context = click.Context(cardpay)
    found = {}
    for name in cardpay.list_commands(context):
        command = cardpay.get_command(context, name)
        assert command is not None
        parts = [command]
        if isinstance(command, click.Group):
            parts += command.commands.values()
        options = (one for part in parts for one in part.params if isinstance(one, click.Option))
        found[name] = {option for one in options for option in one.opts}
    return found


def test_the_table_of_commands_is_that_of_the_command_line() -> None:
    """Each command with each of its options."""
    told: dict[str, set[str]] = {}
    for name, what in table(OPERATIONS, "command"):
        said = f"{name.strip('`')} {what}"
        command = said.partition(" ")[0]
        told.setdefault(command, set()).update(re.findall(r"--[a-z][a-z-]*", said))
    assert told == _commands()


def test_every_command_that_is_named_exists() -> None:
    """With the options that stand behind it."""
    commands = _commands()
    unknown = []
    for document, text in documents().items():
        for name, rest in re.findall(r"python -m cardpay ([a-z-]+)([^`\n#]*)", text):
            options = set(re.findall(r"--[a-z][a-z-]*", rest))
            if name not in commands or options - commands[name]:
                unknown.append(f"{document}: {name}{rest}")
    assert unknown == []


def test_every_module_that_is_run_exists() -> None:
    """`python -m tests.…` and `uvicorn …:app`."""
    named = {
        module
        for text in documents().values()
        for module in re.findall(r"(?:python -m|uvicorn) ([a-z_]+(?:\.[a-z_]+)*)", text)
    } - {"venv"}
    assert {module for module in named if find_spec(module) is None} == set()
    assert {"tests.install.renew", "app", "cardpay.web.receiver"} <= named


def test_the_table_of_addresses_is_that_of_the_routes() -> None:
    """Routes, pages, and in demo mode the sandbox."""
    sandbox = SimpleNamespace(asgi=lambda: PlainTextResponse("stand-in"))
    settings = SimpleNamespace(origin=None)
    demo = cast("Any", lambda: SimpleNamespace(sandbox=sandbox, settings=settings))
    served = {"/", *(f"/{page.name}" for page in PAGES[1:])}
    beside = [
        *audit_routes(demo),
        *balance_routes(demo),
        *export_routes(demo),
        *insight_routes(demo),
        *receipt_routes(demo),
        *sign_in_routes(demo),
    ]
    for route in [*routes(demo), *beside]:
        assert isinstance(route, Route | Mount)
        methods = sorted((getattr(route, "methods", None) or set()) - {"HEAD"})
        served.add(" ".join([*methods, route.path]))
    told = [name for row in table(OPERATIONS, "address") for name in in_backticks(row[0])]
    assert sorted(told) == sorted(served)


def test_the_receiver_alone_has_what_is_said_of_it() -> None:
    """The sentence below the table."""
    sentence = documents()[OPERATIONS].partition("The receiver alone")[2].partition("\n\n")[0]
    told = {name for name in in_backticks(sentence) if name.startswith("/")}
    served = receiver_routes(lambda: cast("Any", None))
    assert told == {cast("Route", route).path for route in served}


def test_the_faults_to_order_are_those_of_the_sandbox() -> None:
    """Each kind, once."""
    told = [name for row in table(OPERATIONS, "kind") for name in in_backticks(row[0])]
    assert sorted(told) == sorted(REQUEST_KINDS | WEBHOOK_KINDS)


def test_every_file_that_is_named_exists() -> None:
    """Of paths in backticks with a slash in them, those of the repository."""
    beginnings = tuple(f"{name}/" for name in ("cardpay", "components", "pages", "tests", "docs"))
    missing = {
        f"{document}: {name}"
        for document, text in documents().items()
        for name in in_backticks(text)
        if name.startswith(beginnings) and not (ROOT / name).exists()
    }
    assert missing == set()


def test_every_folder_has_its_line() -> None:
    """A stranger finds there what each capability is for."""
    listed = subprocess.run(
        ["git", "ls-files", "*.py"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    there = {
        f"{room}/{name.removeprefix(f'{room}/').split('/')[0]}/"
        for room in ROOMS
        for name in listed
        if name.startswith(f"{room}/") and name.count("/") > room.count("/") + 1
    } - {f"{room}/" for room in ROOMS}
    rows = table("docs/architecture.md", "folder")
    told = {name for row in rows for name in in_backticks(row[0])}
    assert {name for name in told if not (ROOT / name).is_dir()} == set()
    assert there - told == set()


def test_the_glossary_is_short_and_true() -> None:
    """At most thirty words; each stands in the code as is said, and on screen."""
    rows = table("docs/glossary.md", "term")
    assert 0 < len(rows) <= 30
    sources = [
        file.read_text(encoding="utf-8")
        for folder in ("cardpay", "components", "pages")
        for file in sorted((ROOT / folder).rglob("*.py"))
    ]
    stems = {file.stem for file in (ROOT / "cardpay").rglob("*")}
    words = set(re.findall(r"\w+", "\n".join(sources)))
    everything = "\n".join(sources)
    unknown = [
        (term, name)
        for term, _, code, screen in rows
        for name in (*in_backticks(code), screen)
        if name and not (name in stems or name in words or f'"{name}' in everything)
    ]
    assert unknown == []
