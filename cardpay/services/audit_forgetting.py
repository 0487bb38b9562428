"""Forgetting the oldest part of the audit log, in such a way that the rest still checks.

Whole seals go, from the chain's oldest end, with their entries. A signed tombstone stays in their
place; without it the database's triggers refuse to delete anything, and the check calls the
chain cut.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile
from typing import Final

from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.audit_chain import AuditKey, tombstone_mac
from cardpay.domain.errors import CardpayError
from cardpay.services import audit
from cardpay.services.audit_check import seal_problems
from cardpay.services.audit_signatures import Signatures
from cardpay.services.desk import Desk
from cardpay.storage import audit_seals
from cardpay.storage.database.engine import Session
from cardpay.storage.schema.tables import AuditSeal, AuditTombstone

_SEALS_A_STEP: Final = 20


class AuditLogBroken(CardpayError):
    """What is to be forgotten is not what was sealed: it is evidence."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"The audit log was changed, so no entries were deleted. {problem}",
            "Run python -m cardpay doctor --audit.",
        )


def forget_sealed_before(desk: Desk, keys: Sequence[AuditKey], before: datetime) -> int:
    """Delete the entries of all seals that were made before a time; how many those were.

    The newest seal always stays, and so does whatever stands behind a seal that is younger.
    It is itself audited. AuditLogBroken, with nothing forgotten from the broken seal on.
    """
    forgotten = 0
    while entries := _step(desk, keys, before):
        forgotten += entries
    return forgotten


def _step(desk: Desk, keys: Sequence[AuditKey], before: datetime) -> int:
    with desk.store.transaction() as session:
        stone = audit_seals.last_tombstone(session)
        newest = audit_seals.last_seal(session)
        seals = audit_seals.seals_after(session, stone.number if stone else 0, _SEALS_A_STEP)
        old = list(takewhile(lambda seal: seal.sealed_at < before and seal != newest, seals))
        if not old:
            return 0
        _refuse_broken(session, keys, stone, old)
        entries = sum(seal.entry_count for seal in old)
        session.add(_tombstone(desk, keys[0], stone, old))
        session.flush()  # whoever is second is told so here, and the triggers look at it
        audit_seals.forget(session, old)
        audit.record(
            session,
            SYSTEM,
            "audit.forget",
            ("audit_log", f"up to seal {old[-1].number}"),
            at=desk.now(),
            before={"first_seal": old[0].number},
            after={"first_seal": old[-1].number + 1, "entries_forgotten": entries},
        )
    return entries


def _refuse_broken(
    session: Session,
    keys: Sequence[AuditKey],
    stone: AuditTombstone | None,
    seals: Sequence[AuditSeal],
) -> None:
    first = stone.number + 1 if stone else 1
    signatures = Signatures(session, keys)
    for number, seal in enumerate(seals, start=first):
        if seal.number != number:
            raise AuditLogBroken(f"Seal {number} is missing.")
        for problem in seal_problems(session, keys, signatures, seal):
            raise AuditLogBroken(problem)


def _tombstone(
    desk: Desk, key: AuditKey, before: AuditTombstone | None, seals: Sequence[AuditSeal]
) -> AuditTombstone:
    last = seals[-1]
    highest_id = max(seal.last_entry_id for seal in seals)
    stone = AuditTombstone(
        number=last.number,
        seal_mac=last.mac,
        entry_count=sum(seal.entry_count for seal in seals)
        + (before.entry_count if before else 0),
        last_entry_id=max(highest_id, before.last_entry_id if before else 0),
        settled_id=last.settled_id,
        forgotten_at=desk.now(),
        key_mark=key.mark,
        mac="",
    )
    stone.mac = tombstone_mac(key, stone)
    return stone
