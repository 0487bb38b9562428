"""Anybody may ask whether the desk is ready, as often as they like."""

import asyncio
import threading
from types import SimpleNamespace
from typing import Any, cast

import httpx
from starlette.applications import Starlette

from cardpay.web.routes import receiver_routes
from tests.support.processes.asyncio_in_thread import run
from tests.support.processes.waiting import PATIENCE_SECONDS


class SlowDatabase:
    """Answers nobody before it is told to."""

    def __init__(self) -> None:
        self.answers = threading.Event()
        self.asked = 0

    def connect(self) -> None:
        """Fails, in the end."""
        self.asked += 1
        assert self.answers.wait(PATIENCE_SECONDS)
        raise OSError


def test_who_asks_meanwhile_waits_for_the_same_answer() -> None:
    """And whoever asks afterwards gets a new one."""
    database = SlowDatabase()
    running = SimpleNamespace(desk=SimpleNamespace(store=SimpleNamespace(engine=database)))
    app = Starlette(routes=receiver_routes(lambda: cast("Any", running)))

    async def ask() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://a") as client:
            asked = [asyncio.ensure_future(client.get("/readyz")) for _ in range(20)]
            await client.get("/nothing")  # by then all of them have asked
            database.answers.set()
            return [*await asyncio.gather(*asked), await client.get("/readyz")]

    assert [got.status_code for got in run(ask())] == [503] * 21
    assert database.asked == 2
