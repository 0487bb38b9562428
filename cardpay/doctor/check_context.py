"""What the checks look at: settings, Stripe, the database. Each is read once, none is written."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Final

from cardpay.domain.errors import StartRefused
from cardpay.domain.stripe_account import Mode, StripeAccount
from cardpay.domain.stripe_facts.snapshots import AccountSnapshot
from cardpay.gateway.errors import RequestRefused, StripeUnavailable
from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.services import database_account
from cardpay.settings import Settings, check_all_but_keys
from cardpay.settings.stripe_keys import check_keys
from cardpay.storage.database import migrate
from cardpay.storage.database.engine import Store
from cardpay.storage.database.migrate import Revision
from cardpay.storage.database.open_existing import (
    DatabaseError,
    DatabaseMissing,
    connect_to_read,
    reason_of,
)

_SECONDS_FOR_STRIPE: Final = 5.0


@dataclass(frozen=True)
class StripeProbe:
    """The outcome of one request to Stripe: the account, a refusal, or no answer.

    `clock_difference_seconds` is how far our clock is ahead of Stripe's.
    """

    seconds: float
    account: AccountSnapshot | None = None
    refused: RequestRefused | None = None
    unreachable: str | None = None
    clock_difference_seconds: float | None = None


@dataclass(frozen=True)
class DatabaseProbe:
    """The database, or why it cannot be looked at."""

    store: Store | None = None
    revision: Revision | None = None
    account: StripeAccount | None = None
    missing: str | None = None
    problem: str | None = None


class CheckContext:
    """The settings and, as far as these allow, what they point to."""

    def __init__(
        self, settings: Settings, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Nothing is looked up before a check needs it."""
        self.settings = settings
        self.now = now

    @cached_property
    def keys_problem(self) -> str | None:
        """Why the keys cannot be used; None if they can."""
        return _refusal(check_keys, self.settings)

    @cached_property
    def other_problem(self) -> str | None:
        """Why the other settings cannot be used; None if they can."""
        return _refusal(check_all_but_keys, self.settings)

    @property
    def mode(self) -> Mode:
        """Demo, test or live, as the keys say."""
        return self.settings.mode

    @cached_property
    def stripe(self) -> StripeProbe | None:
        """One request for the account; None in demo mode, and where a key must not be sent."""
        if self.mode is Mode.DEMO or self.keys_problem or self.other_problem:
            return None
        secret = self.settings.stripe_secret_key
        assert secret is not None
        gateway = StripeGateway(
            secret.get_secret_value(),
            api_base=self.settings.stripe_api_base,
            seconds_per_try=_SECONDS_FOR_STRIPE,
            read_retries=0,
        )
        began_at = time.monotonic()
        account = refused = unreachable = None
        try:
            account = gateway.retrieve_account()
        except RequestRefused as error:
            refused = error
        except StripeUnavailable as error:
            unreachable = error.reason
        return StripeProbe(
            time.monotonic() - began_at,
            account,
            refused,
            unreachable,
            _clock_difference_seconds(gateway),
        )

    @cached_property
    def database(self) -> DatabaseProbe:
        """The database, opened to be read only."""
        try:
            engine = connect_to_read(self.settings.database)
            revision = migrate.revision(engine)
            store = Store(engine)
            recorded = database_account.recorded(store) if revision.stored else None
        except DatabaseMissing as missing:
            return DatabaseProbe(missing=str(missing.file))
        except DatabaseError as error:
            return DatabaseProbe(problem=reason_of(error))
        return DatabaseProbe(store, revision, recorded)

    @property
    def store(self) -> Store | None:
        """The database where its tables are those of this version; None otherwise."""
        look = self.database
        if look.revision is None or look.revision.stored != look.revision.ours:
            return None
        return look.store

    def close(self) -> None:
        """Give back connections."""
        if "database" in self.__dict__ and self.database.store is not None:
            self.database.store.close()


def _refusal(check: Callable[[Settings], None], settings: Settings) -> str | None:
    try:
        check(settings)
    except StartRefused as refused:
        return refused.sentence
    return None


def _clock_difference_seconds(gateway: StripeGateway) -> float | None:
    """Stripe's seconds are whole ones: on average it is half a second later than it says."""
    clocks = gateway.server_time
    return None if clocks is None else (clocks.local_at - clocks.stripe_at).total_seconds() - 0.5
