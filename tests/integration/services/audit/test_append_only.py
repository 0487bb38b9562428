"""The database itself refuses to change the log and its tombstones, and to set its head back."""

import pytest
from sqlalchemy.exc import DBAPIError

from tests.integration.services.audit.conftest import Log


@pytest.mark.parametrize("table", ["audit_entry", "audit_head", "audit_tombstone"])
@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM {}", "UPDATE {} SET {column} = {column}", "TRUNCATE {}"],
    ids=["delete", "update", "truncate"],
)
def test_no_row_is_changed_or_deleted(log: Log, table: str, statement: str) -> None:
    """Whoever tries it, by whatever mistake."""
    if statement.startswith("TRUNCATE") and log.desk.store.engine.dialect.name == "sqlite":
        statement = "DELETE FROM {}"  # SQLite has no other
    log.act(3)
    with log.desk.store.transaction() as session:
        session.connection().exec_driver_sql(
            "INSERT INTO audit_tombstone (number, entry_mac, pruned_at, key_mark, mac)"
            " VALUES (0, '', '2024-02-29', '', '')"
        )
    column = "id" if table == "audit_entry" else "number"
    with (
        pytest.raises(DBAPIError, match=f"{table} is append-only"),
        log.desk.store.engine.begin() as connection,
    ):
        connection.exec_driver_sql(statement.format(table, column=column))
