"""Sealing beside many acts, several sealers and processes that die: nothing is lost or late."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cardpay.domain.audit_chain import AuditKey, seal_mac
from cardpay.services import audit_sealing
from cardpay.services.audit_heads import HeadsFile
from cardpay.storage.schema.audit_tables import AuditSeal
from tests.integration.services.audit.conftest import Log, sealing


@pytest.mark.parametrize("sealers", [1, 2])
def test_fifty_acts_at_once_lose_none(log: Log, sealers: int) -> None:
    """Each is sealed once, whichever sealer comes to it."""
    with sealing(log, sealers), ThreadPoolExecutor(50) as people:
        list(people.map(lambda _: log.act(4), range(50)))
    log.seal()
    found = log.check()
    assert (found.entries, found.unsealed, found.problems) == (200, 0, ())


def test_who_lost_the_right_to_seal_seals_nothing(
    log: Log, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two that both think it theirs, as after a long standstill: one number, one seal."""
    log.act(3)
    quicker = log.another_sealer()

    def overtaken(key: AuditKey, seal: AuditSeal) -> str:
        """Just before a seal is stored, the other one stores its own."""
        monkeypatch.setattr(audit_sealing, "seal_mac", seal_mac)
        quicker._seal_batch()
        return seal_mac(key, seal)

    monkeypatch.setattr(audit_sealing, "seal_mac", overtaken)
    log.seal()
    assert "another process has taken it over" in caplog.text
    assert log.seals() == [(1, 3, 3)]
    assert log.is_clean


def test_a_backlog_is_sealed_in_batches(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """One pass takes all of it, the last batch what is left."""
    monkeypatch.setattr(audit_sealing, "BATCH", 4)
    log.seal(10)
    assert log.seals() == [(1, 4, 4), (2, 4, 8), (3, 2, 10)]
    assert log.is_clean


def test_a_quiet_pass_writes_nothing(log: Log) -> None:
    """Not even a lease."""
    log.seal(2)
    written = log.heads.path.read_bytes()
    log.seal()
    assert log.heads.path.read_bytes() == written
    assert len(log.seals()) == 1


def test_the_head_is_logged_and_written_down(log: Log, caplog: pytest.LogCaptureFixture) -> None:
    """One line a seal, for this machine's user alone."""
    caplog.set_level("INFO", "cardpay.audit")
    log.seal(3, 2)
    one, two = log.heads.logged()
    assert (one.number, one.entry_count, one.last_entry_id) == (1, 3, 3)
    assert (two.number, two.entry_count, two.last_entry_id) == (2, 2, 5)
    assert caplog.messages == [one.words, two.words]
    assert log.heads.path.stat().st_mode & 0o777 == 0o600


class _Dies(HeadsFile):
    """Whoever comes to write the head is killed."""

    def append(self, *_: object) -> bool:
        raise KeyboardInterrupt


def test_a_kill_before_the_head_is_made_up_for(log: Log) -> None:
    """The seal stands, and the next process writes its head."""
    killed = Log(log.desk, _Dies(log.heads.path))
    with pytest.raises(KeyboardInterrupt):
        killed.seal(2)
    assert len(log.seals()) == 1
    log.another_sealer().seal()
    assert [head.number for head in log.heads.logged()] == [1]
    assert log.is_clean


def test_a_file_that_cannot_be_written_stops_nothing(
    log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged; once it can be written, the last head stands there."""
    log.heads.path.mkdir()
    log.seal(2, 1)
    assert len(log.seals()) == 2
    assert "the head of the audit log was not written: IsADirectoryError" in caplog.messages
    log.heads.path.rmdir()
    log.seal()
    assert [head.number for head in log.heads.logged()] == [2]
    assert log.is_clean


def test_a_line_that_was_cut_off_hides_no_head(log: Log) -> None:
    """A full disk leaves half a line, and the next head follows on it."""
    log.seal(1)
    with log.heads.path.open("r+b") as file:
        file.seek(0, os.SEEK_END)
        file.write(log.heads.path.read_bytes()[:60])
    log.seal(1)
    assert [head.number for head in log.heads.logged()] == [1, 2]
    assert log.is_clean


def test_a_collected_log_will_do(log: Log, tmp_path: Path) -> None:
    """The heads are found in any text."""
    log.seal(1, 1)
    collected = tmp_path / "collected.json"
    collected.write_text(
        "".join(
            f'{{"event": "{head.words}", "logger": "cardpay.audit"}}\n{{"event": "other"}}\n'
            for head in log.heads.logged()
        )
    )
    assert list(HeadsFile(collected).logged()) == list(log.heads.logged())


def test_a_chain_that_was_cut_is_logged_at_once(
    log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    """The sealer does not wait for somebody to check."""
    log.seal(1, 1)
    log.tamper("DELETE FROM audit_entry WHERE id = 2", "DELETE FROM audit_seal WHERE number = 2")
    log.another_sealer().seal()
    assert "which is not what was logged up to seal 2" in caplog.text
