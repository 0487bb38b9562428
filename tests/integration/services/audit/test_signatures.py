"""Nobody but the desk can add an entry: each is signed as it is written."""

from dataclasses import replace

import pytest

from cardpay.services.audit_check import check_audit
from cardpay.services.audit_heads import HeadsFile
from cardpay.storage.database.engine import Store
from tests.integration.services.audit.conftest import (
    BATCHES,
    INSERT,
    KEY,
    NOT_WHAT_WAS_SEALED,
    OTHER_KEY,
    Log,
)

_APPEND = (
    "INSERT INTO audit_entry (at, actor_id, roles, origin, act, subject_kind, subject_id,"
    " before, after, mac) VALUES ('2024-02-29 12:00:00', 'agent-2', 'agent', 'test',"
    " 'payment.refund', 'payment', 'payment-1', '{{}}', '{{}}', {})"
)
_COPY = (
    "INSERT INTO audit_entry (at, actor_id, roles, origin, act, subject_kind, subject_id,"
    " before, after, mac) SELECT at, actor_id, roles, origin, act, subject_kind, subject_id,"
    " before, after, mac FROM audit_entry WHERE id = {}"
)
_NOBODY = "Entry {} was inserted: nobody at the desk wrote it."
_NOT_SIGNED = "Entry {} was changed or inserted: its signature is not that of the desk."
_NO_KEY = (
    "Entry {} was changed or inserted: it names no key of the desk's, or one that is not given."
)

INSERTED = [
    pytest.param(_APPEND.format("NULL"), [_NOBODY.format(7)], id="unsigned"),
    pytest.param(_APPEND.format("''"), [_NO_KEY.format(7)], id="an empty signature"),
    pytest.param(
        _APPEND.format(f"'{OTHER_KEY.mark}:00:{'0' * 64}'"),
        [_NO_KEY.format(7)],
        id="signed with another key",
    ),
    pytest.param(
        _APPEND.format(f"'{KEY.mark}:00:{'0' * 64}'"),
        [_NOT_SIGNED.format(7)],
        id="an invented signature",
    ),
    pytest.param(
        _APPEND.format("(SELECT mac FROM audit_entry AS other WHERE id = 2)"),
        [_NOT_SIGNED.format(7), "Entry 7 has the signature of entry 2: one is a copy."],
        id="the signature of another entry",
    ),
    pytest.param(
        _COPY.format(2), ["Entry 7 has the signature of entry 2: one is a copy."], id="a copy"
    ),
    pytest.param(INSERT.format(10**15), [_NOBODY.format(10**15)], id="far above"),
    pytest.param(INSERT.format(2**63 - 1), [_NOBODY.format(2**63 - 1)], id="the highest number"),
]


@pytest.mark.parametrize(("statement", "problems"), INSERTED)
def test_an_entry_at_the_end_is_found(log: Log, statement: str, problems: list[str]) -> None:
    """At once, and after the sealer has chained it as it chains any entry."""
    log.seal(*BATCHES)
    log.tamper(statement)
    assert list(log.check().problems) == problems
    log.another_sealer().seal()
    assert list(log.check().problems) == problems


@pytest.mark.parametrize("statement", [_APPEND.format("NULL"), _COPY.format(2)])
def test_an_entry_in_the_middle_of_the_unsealed_is_found(log: Log, statement: str) -> None:
    """Whatever the desk writes behind it."""
    log.seal(2)
    log.tamper(statement)
    log.act(2)
    (problem,) = log.check().problems
    assert problem.startswith("Entry 3 ")
    log.seal(1)
    assert log.check().problems == (problem,)


def test_a_change_before_the_seal_is_found(log: Log) -> None:
    """The signature vouches for an entry from its first moment."""
    log.seal(3)
    log.act(2)
    log.tamper(
        "UPDATE audit_entry SET actor_id = 'agent-2' WHERE id = 4",
        "UPDATE audit_entry SET mac = NULL WHERE id = 5",
    )
    problems = (_NOT_SIGNED.format(4), _NOBODY.format(5))
    assert log.check().problems == problems
    log.seal()
    assert log.check().problems == problems


def test_a_signature_cannot_be_taken_away(log: Log) -> None:
    """Or the whole log would pass for an older version's, and anything could be added."""
    log.seal(2)
    log.tamper("UPDATE audit_entry SET mac = NULL", _APPEND.format("NULL"))
    assert [NOT_WHAT_WAS_SEALED.format(number) for number in (1, 2)] == list(log.check().problems)


def test_entries_of_an_older_version_need_no_signature(log: Log) -> None:
    """They come before the first that is signed, sealed or not."""
    unsigned = replace(log, desk=replace(log.desk, store=Store(log.desk.store.engine)))
    unsigned.act(2)
    log.seal(2)
    assert log.is_clean
    unsigned.act()
    log.seal(1)
    assert log.check().problems == (_NOBODY.format(5),)


def test_the_old_key_still_vouches_for_what_it_signed(log: Log) -> None:
    """Sealed by the new one or not."""
    log.act(2)
    replaced = replace(log, keys=(OTHER_KEY, KEY))
    replaced.seal()
    log.act()
    assert not replaced.check().problems


def test_a_restored_backup_begins_a_new_file_of_heads(log: Log) -> None:
    """The old file goes on telling what was lost; the new one begins with the last seal."""
    log.seal(3, 1)  # the backup has the first of them
    log.tamper("DELETE FROM audit_entry WHERE id = 4", "DELETE FROM audit_seal WHERE number = 2")
    log.another_sealer().seal()
    assert any("was logged" in problem for problem in log.check().problems)
    evidence = log.heads.path.with_name("audit-heads-until-restore.log")
    log.heads.path.rename(evidence)
    restarted = Log(log.desk, log.heads)
    restarted.seal()
    assert [head.number for head in log.heads.logged()] == [1]
    restarted.seal(2)
    assert log.is_clean
    old = check_audit(log.desk.store, log.keys, HeadsFile(evidence).logged())
    assert any("is not the one that was logged" in problem for problem in old.problems)
