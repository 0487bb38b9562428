"""The command: reads the settings, has everything looked at, and prints it."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import click

from cardpay import settings
from cardpay.commands import audit as audit_log
from cardpay.commands.startup import load_settings
from cardpay.doctor.check_context import CheckContext
from cardpay.doctor.findings import Finding, Level, fail
from cardpay.doctor.run_checks import Result, run_checks
from cardpay.domain.errors import StartRefused

WELL, UNWELL = 0, 1
_WIDTH: Final = 99
_NAME_WIDTH: Final = 15


@click.command
@click.option("--strict", is_flag=True, help="a WARN fails as well")
@click.option("--json", "as_json", is_flag=True, help="for programs")
@click.option("--audit", is_flag=True, help="check the audit log alone, wholly")
@click.option("--heads", type=click.Path(path_type=Path), help="its heads, kept elsewhere")
def doctor(heads: Path | None, *, strict: bool, as_json: bool, audit: bool) -> int:
    """Look at everything, change nothing.

    The exit code is 0 if there is no FAIL (with --strict no WARN either), 1 if there is one.
    """
    if audit:
        return audit_log.run(load_settings(), heads)
    context = _context()
    if isinstance(context, Finding):
        found: Iterable[Result] = [Result("Settings", "settings", context)]
    else:
        found = run_checks(context)
    results = list(found) if as_json else _print(found)
    if isinstance(context, CheckContext):
        context.close()
    click.echo(_as_json(results) if as_json else _summary(results))
    bad = {Level.FAIL, Level.WARN} if strict else {Level.FAIL}
    return UNWELL if any(one.finding.level in bad for one in results) else WELL


def _context() -> CheckContext | Finding:
    """FAIL where the settings cannot even be read: then nothing else can be looked at."""
    do = "Correct it in the environment or in `.env`: nothing else was looked at."
    try:
        return CheckContext(settings.read())
    except StartRefused as refused:
        return fail(refused.sentence, do)
    except Exception as error:  # noqa: BLE001 - an unreadable file, or one that is no text
        return fail(f"The settings cannot be read ({type(error).__name__}).", do)


def _print(results: Iterable[Result]) -> list[Result]:
    """Each as soon as it is there, in groups; all of them."""
    printed: list[Result] = []
    for result in results:
        if not printed or printed[-1].group != result.group:
            click.echo(result.group)
        finding = result.finding
        beginning = f"  {finding.level:<4}  {result.name:<{_NAME_WIDTH}} "
        indent = " " * len(beginning)
        click.echo(click.wrap_text(finding.what, _WIDTH, beginning, indent))
        if finding.do:
            click.echo(click.wrap_text(finding.do, _WIDTH, f"{indent}→ ", f"{indent}  "))
        printed.append(result)
    return printed


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
