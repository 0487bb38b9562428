"""The sandbox's clock, which every date and every delay of the simulated Stripe is based on."""

from datetime import UTC, datetime, timedelta
from typing import Final

DAY_SECONDS: Final = 86_400


class Clock:
    """The real time, unless it was set or advanced."""

    def __init__(self) -> None:
        self._stopped_at: datetime | None = None
        self._shift = timedelta()

    def now(self) -> datetime:
        """The current time, in UTC."""
        return self._stopped_at or datetime.now(UTC) + self._shift

    def seconds(self) -> int:
        """The current time in Unix seconds, as Stripe writes times."""
        return int(self.now().timestamp())

    def set(self, at: datetime) -> None:
        """Stop the clock at a time. Raises ValueError for a naive datetime."""
        if at.tzinfo is None:
            raise ValueError("the clock takes aware datetimes only")
        self._stopped_at = at.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        """Move the clock forward, whether it is stopped or running."""
        if self._stopped_at is not None:
            self._stopped_at += by
        else:
            self._shift += by

    def release(self) -> None:
        """Return to the real time."""
        self._stopped_at = None
        self._shift = timedelta()
