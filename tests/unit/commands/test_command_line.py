"""Which commands there are, and what they load."""

import json
import subprocess

import pytest
from click.testing import CliRunner

from cardpay.commands import command_line
from cardpay.commands.command_line import cardpay
from tests.support.processes import servers

_LOADED = """
import json, runpy, sys
sys.argv = ["cardpay", "sandbox", "--help"]
try:
    runpy.run_module("cardpay", run_name="__main__", alter_sys=True)
except SystemExit:
    print(json.dumps(sorted(sys.modules)))
"""


def test_every_command_is_told_in_a_line() -> None:
    """With what it does, uncut."""
    done = CliRunner().invoke(cardpay, ["--help"])
    listed = done.output.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in listed] == [
        "migrate",
        "sandbox",
        "reconcile",
        "backfill",
        "erase",
        "export",
        "doctor",
        "demo-data",
        "report",
        "sessions",
    ]
    assert all(len(line.split()) > 3 and line.endswith(".") for line in listed)
    assert "..." not in done.output.partition("Commands:\n")[2]


def test_an_unknown_command() -> None:
    """The exit code for what was typed wrongly, as everywhere."""
    done = CliRunner().invoke(cardpay, ["restor"])
    assert (done.exit_code, "No such command 'restor'" in done.output) == (2, True)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """An incomplete install is a sentence that says what to do, not a traceback."""
    monkeypatch.setitem(command_line._MODULES, "doctor", "package_that_is_not_there")
    done = CliRunner().invoke(cardpay, ["doctor"])
    assert done.exit_code == 1
    assert "package_that_is_not_there is not installed: run pip install" in done.output


def test_the_sandbox_starts_without_the_desk() -> None:
    """Nothing of the desk is loaded but its errors, and none of its libraries."""
    done = subprocess.run(
        servers.python("-c", _LOADED), cwd=servers.ROOT, capture_output=True, text=True, check=True
    )
    loaded = json.loads(done.stdout.splitlines()[-1])
    ours = {name for name in loaded if name.startswith("cardpay.")}
    assert {name for name in ours if not name.startswith("cardpay.sandbox")} == {
        "cardpay.commands",
        "cardpay.commands.command_line",
        "cardpay.domain",
        "cardpay.domain.errors",
    }
    assert {"pydantic", "sqlalchemy", "stripe", "structlog"} & set(loaded) == set()
