"""Files that people have had made of lists."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from cardpay.domain.exports.exported_files import ExportKind, ExportState, FileFormat
from cardpay.storage.schema import columns


class ExportFile(SQLModel, table=True):
    """One export. `maker` is an actor's id; `filter_words` name nobody.

    `seen_at` is when the process that makes it was last known to be at it.
    """

    __tablename__ = "export_file"
    __table_args__ = (
        Index("ix_export_file_maker", "maker", "created_at"),
        Index("ix_export_file_state", "state", "seen_at"),
    )

    id: str = Field(primary_key=True)
    maker: str
    kind: ExportKind | str = columns.enum(ExportKind)
    file_format: FileFormat | str = columns.enum(FileFormat)
    filter_words: str
    state: ExportState | str = columns.enum(ExportState)
    objects: int = columns.money()
    size_bytes: int = columns.money()
    problem: str | None = None
    created_at: datetime = columns.time()
    seen_at: datetime = columns.time()
    expires_at: datetime = columns.time()
