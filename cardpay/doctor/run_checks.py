"""Running the checks, each by itself: one that fails or hangs does not stop the others."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from cardpay.doctor.all_checks import CHECKS, Check
from cardpay.doctor.check_context import CheckContext
from cardpay.doctor.findings import Finding, fail

# More than one try of Stripe, the issuer or the database takes.
SECONDS: Final = 10.0


@dataclass(frozen=True)
class Result:
    """A check and its finding."""

    group: str
    name: str
    finding: Finding


def run_checks(
    context: CheckContext, checks: Sequence[Check] = CHECKS, seconds: float = SECONDS
) -> Iterator[Result]:
    """Yield each check's result as soon as it is there, leaving out those that do not apply.

    A check that raises, or takes longer than `seconds`, is a FAIL.
    """
    for check in checks:
        finding = _looked(check, context, seconds)
        if finding is not None:
            yield Result(check.group, check.name, finding)


def _looked(check: Check, context: CheckContext, seconds: float) -> Finding | None:
    answers: list[Finding | None] = []

    def look() -> None:
        try:
            answers.append(check.look(context))
        except BaseException as error:  # noqa: BLE001 - whatever it is, the others go on
            # By type alone: the message may quote an address, a key or a person.
            answers.append(
                fail(
                    f"This could not be checked ({type(error).__name__}).",
                    "If it happens again, tell whoever keeps cardpay.",
                )
            )

    # A daemon, so that one that hangs does not keep the command from ending.
    thread = threading.Thread(target=look, name=f"doctor {check.name}", daemon=True)
    thread.start()
    thread.join(seconds)
    if answers:
        return answers[0]
    return fail(f"No answer within {seconds:g} s.", "Look at what it depends on, and try again.")
