"""The sandbox's own time: all that Stripe dates or ages goes by it."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Real time, shifted or held at will."""

    def __init__(self) -> None:
        self._held_at: datetime | None = None
        self._shift = timedelta()

    def now(self) -> datetime:
        """An aware UTC time."""
        return self._held_at or datetime.now(UTC) + self._shift

    def seconds(self) -> int:
        """Now, as Stripe writes times."""
        return int(self.now().timestamp())

    def set(self, at: datetime) -> None:
        """Hold the clock at a moment."""
        if at.tzinfo is None:
            raise ValueError("the clock takes aware times only")
        self._held_at = at.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        """Move on, whether held or running."""
        if self._held_at is not None:
            self._held_at += by
        else:
            self._shift += by

    def release(self) -> None:
        """Back to real time."""
        self._held_at = None
        self._shift = timedelta()
