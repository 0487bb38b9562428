"""`python -m cardpay sessions`, as a process of its own."""

import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from cardpay.domain.access.sign_in import Answer, EndReason, Identity
from cardpay.services.access import sessions
from cardpay.storage.audit.heads_file import HeadsFile
from cardpay.storage.schema.session_tables import SignInSession
from cardpay.storage.schema.tables import AuditEntry
from tests.integration.services.access.test_sessions import ADMISSION
from tests.support.desks.worlds import World
from tests.support.processes.forked_processes import command
from tests.support.processes.servers import AUDIT_KEY

pytestmark = pytest.mark.one_database


def begin(world: World, *people: str) -> None:
    """People who have just signed in, by the clock that the command has."""
    desk = replace(world.desk, now=lambda: datetime.now(UTC))
    for person in people:
        now = desk.now()
        identity = Identity(
            actor_id=f"person-{person}",
            session_id=f"session-{person}-{now.timestamp()}",
            issued_at=now,
            expires_at=now + timedelta(hours=8),
            groups=frozenset({"agents"}),
            email_domain=None,
            name=f"{person.capitalize()} One",
        )
        sessions.begin(desk, ADMISSION, Answer(identity), "192.0.2.1", "Firefox on Windows")


def test_it_lists_and_ends(world: World, database_url: str, tmp_path: Path) -> None:
    """A person's, then everybody's; audited, and the log's head is written down."""
    heads = tmp_path / "audit-heads.log"

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        settings = {
            "CARDPAY_DATABASE_URL": database_url,
            "CARDPAY_AUDIT_KEY": AUDIT_KEY,
            "CARDPAY_AUDIT_HEADS": str(heads),
        }
        return command("sessions", *arguments, settings=settings)

    begin(world, "ada", "ada", "bea")
    listed = run("list").stdout.splitlines()
    assert [line.split("  ")[1] for line in listed] == ["Bea One", "Ada One", "Ada One"]
    assert "agent" in listed[0]
    assert listed[0].endswith("192.0.2.1  Firefox on Windows")
    refused = run("end")
    assert (refused.returncode, "No session was ended" in refused.stderr) == (2, True)
    assert run("end", "--person", "person-ada").stdout == "Ended 2 sessions.\n"
    assert run("end", "--all").stdout == "Ended 1 session.\n"
    assert run("list").stdout == ""
    store = world.desk.store
    with store.reading() as session:
        assert {row.end_reason for row in session.exec(select(SignInSession))} == {EndReason.ENDED}
        ended = session.exec(select(AuditEntry).where(AuditEntry.act == "session.end")).all()
        assert [entry.after["person"] for entry in ended].count("person-ada") == 2
    assert HeadsFile(heads).last() is not None
