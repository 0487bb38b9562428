"""The inbox of the webhook route: events that arrive together share one commit.

Events that arrive while a transaction is under way wait for the next one. A busy hour then costs
few commits, and in a quiet one nobody waits. Each event is answered after it is committed.
"""

import asyncio
from dataclasses import dataclass
from logging import DEBUG
from typing import Final

from cardpay.domain.stripe_facts.snapshots import EventSnapshot
from cardpay.logs.logger import forget_bound, get_logger
from cardpay.services.desk import Desk
from cardpay.services.webhooks.receive_event import event_row
from cardpay.storage.webhooks.async_insert import inserter

LARGEST_BATCH: Final = 200

_log = get_logger(__name__)


@dataclass
class _Arrival:
    event: EventSnapshot
    stored: asyncio.Future[None]


class Inbox:
    """Takes the events that one process receives, and writes them to the database in batches."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._insert = inserter(desk.store)
        self._waiting: list[_Arrival] = []
        self._writer: asyncio.Task[None] | None = None

    async def store(self, event: EventSnapshot) -> None:
        """Store an event and return once it is committed; raises what storing raised."""
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
        except Exception as error:  # noqa: BLE001 - raised to the request that waits
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
        return  # the sender has closed the connection
    if error is None:
        arrival.stored.set_result(None)
    else:
        arrival.stored.set_exception(error)
