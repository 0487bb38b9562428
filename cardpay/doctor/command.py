"""The command: reads the settings, has everything looked at, and prints it."""

import argparse
import json
import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cardpay import settings
from cardpay.doctor.examination import Result, examine
from cardpay.doctor.findings import Finding, Level, fail
from cardpay.doctor.surroundings import Surroundings
from cardpay.domain.errors import StartRefused

WELL, UNWELL = 0, 1
_WIDTH: Final = 99
_NAME_WIDTH: Final = 15
_TEXT_AT: Final = _NAME_WIDTH + 9


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command and its options."""
    command = commands.add_parser("doctor", help="look at everything, change nothing")
    command.add_argument("--strict", action="store_true", help="a WARN fails as well")
    command.add_argument("--json", action="store_true", help="for programs")
    command.add_argument("--audit", action="store_true", help="check the audit log alone, wholly")
    command.add_argument("--heads", type=Path, metavar="FILE", help="its heads, kept elsewhere")


def run(given: argparse.Namespace) -> int:
    """Look and print. 0: no FAIL (with --strict no WARN either); 1: there is one."""
    results: list[Result] = []
    around = _surroundings()
    if isinstance(around, Finding):
        results = [Result("Settings", "settings", around)]
        if not given.json:
            _print(results)
    elif given.json:
        results = list(examine(around))
    else:
        results = _print(examine(around))
    if isinstance(around, Surroundings):
        around.close()
    sys.stdout.write(f"{_as_json(results) if given.json else _summary(results)}\n")
    bad = {Level.FAIL, Level.WARN} if given.strict else {Level.FAIL}
    return UNWELL if any(one.finding.level in bad for one in results) else WELL


def _surroundings() -> Surroundings | Finding:
    """FAIL where the settings cannot even be read: then nothing else can be looked at."""
    do = "Correct it in the environment or in `.env`: nothing else was looked at."
    try:
        return Surroundings(settings.read())
    except StartRefused as refused:
        return fail(refused.sentence, do)
    except Exception as error:  # noqa: BLE001 - an unreadable file, or one that is no text
        return fail(f"The settings cannot be read ({type(error).__name__}).", do)


def _print(results: Iterable[Result]) -> list[Result]:
    """Each as soon as it is there, in groups; all of them."""
    printed: list[Result] = []
    for result in results:
        if not printed or printed[-1].group != result.group:
            sys.stdout.write(f"{result.group}\n")
        finding = result.finding
        sys.stdout.write(
            _wrapped(f"  {finding.level:<4}  {result.name:<{_NAME_WIDTH}} ", finding.what)
        )
        if finding.do:
            sys.stdout.write(_wrapped(f"{'':<{_TEXT_AT}}→ ", finding.do))
        sys.stdout.flush()
        printed.append(result)
    return printed


def _wrapped(beginning: str, sentence: str) -> str:
    lines = textwrap.wrap(
        sentence, _WIDTH - _TEXT_AT, break_long_words=False, break_on_hyphens=False
    )
    return beginning + f"\n{'':<{len(beginning)}}".join(lines) + "\n"


def _summary(results: Iterable[Result]) -> str:
    levels = [one.finding.level for one in results]
    return ", ".join(f"{levels.count(level)} {level}" for level in Level)


def _as_json(results: Iterable[Result]) -> str:
    rows = [
        {
            "group": one.group,
            "check": one.name,
            "level": one.finding.level.value,
            "what": one.finding.what,
            "do": one.finding.do,
        }
        for one in results
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2)
