"""The settings of the database, and the files that are kept beside it."""

from functools import cached_property
from pathlib import Path
from typing import Final

from pydantic import Field
from sqlalchemy.engine import make_url

from cardpay.domain.stripe_account import Mode
from cardpay.settings.stripe_keys import StripeSettings

VAR: Final = Path("var")


class DatabaseSettings(StripeSettings):
    """Where payments are stored."""

    database_url: str | None = Field(None, alias="CARDPAY_DATABASE_URL", repr=False)

    reporting_database_url: str | None = Field(
        None, alias="CARDPAY_REPORTING_DATABASE_URL", repr=False
    )

    export_folder: Path | None = Field(None, alias="CARDPAY_EXPORT_FOLDER")
    export_hours: int = Field(24, ge=1, le=24 * 31, alias="CARDPAY_EXPORT_HOURS")

    demo_months: int = Field(13, ge=0, le=36, alias="CARDPAY_DEMO_MONTHS")

    @cached_property
    def database(self) -> str:
        """The database's URL. The demo has a file of its own: invented payments never mix."""
        name = "demo" if self.mode is Mode.DEMO else "cardpay"
        return self.database_url or f"sqlite:///{VAR / f'{name}.db'}"

    @property
    def sandbox_file(self) -> Path:
        """The simulated Stripe's own database, kept, moved and deleted with the demo's."""
        return self.beside_database("sandbox.db")

    @property
    def exports_path(self) -> Path:
        """The folder of the files that people have had made of lists."""
        return self.export_folder or self.beside_database("exports")

    def beside_database(self, name: str) -> Path:
        """The file `name` of this database.

        Beside an SQLite file it bears that file's name, so that each database has its own; for
        any other database it is in `var`.
        """
        url = make_url(self.database)
        if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
            file = Path(url.database)
            return file.with_name(f"{file.stem}-{name}")
        return VAR / name
