"""Storing events as they arrive at once: many to a commit, each answered after its own.

While one transaction is under way, what arrives meanwhile waits for the next one, and shares
it. A busy hour then costs few commits, and a quiet one no wait.
"""

import asyncio
from dataclasses import dataclass
from logging import DEBUG
from typing import Final

from cardpay.domain.stripe_facts.settlement_snapshots import EventSnapshot
from cardpay.logs.logger import forget_bound, get_logger
from cardpay.services.desk import Desk
from cardpay.services.webhooks.event_processing import event_row
from cardpay.storage.webhooks.event_insertion import inserter

LARGEST_BATCH: Final = 200

_log = get_logger(__name__)


@dataclass
class _Arrival:
    event: EventSnapshot
    stored: asyncio.Future[None]


class Inbox:
    """The events of one process that are on their way into the database."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._insert = inserter(desk.store)
        self._waiting: list[_Arrival] = []
        self._writer: asyncio.Task[None] | None = None

    async def store(self, event: EventSnapshot) -> None:
        """Return once the event is committed; whatever storing raises."""
        arrival = _Arrival(event, asyncio.get_running_loop().create_future())
        self._waiting.append(arrival)
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
        await arrival.stored

    async def _write(self) -> None:
        forget_bound()
        try:
            while self._waiting:
                batch = self._waiting[:LARGEST_BATCH]
                del self._waiting[:LARGEST_BATCH]
                await self._write_batch(batch)
        finally:
            self._writer = None

    async def _write_batch(self, batch: list[_Arrival]) -> None:
        try:
            await self._insert([event_row(self._desk, one.event) for one in batch])
        except Exception as error:  # noqa: BLE001 - told to whoever waits for the answer
            if len(batch) == 1:
                _tell(batch[0], error)
                return
            for one in batch:  # one that cannot be stored must not take the others along
                await self._write_batch([one])
        else:
            for one in batch:
                _tell(one, None)
            if _log.is_enabled_for(DEBUG):
                _log.debug("events stored", event_ids=[one.event.event_id for one in batch])


def _tell(arrival: _Arrival, error: Exception | None) -> None:
    if arrival.stored.done():
        return  # who sent it has hung up
    if error is None:
        arrival.stored.set_result(None)
    else:
        arrival.stored.set_exception(error)
