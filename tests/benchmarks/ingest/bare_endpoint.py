"""The least that a webhook endpoint of the same stack can do: check the signature, insert a row.

Nothing is filtered, claimed or applied. `uvicorn tests.benchmarks.ingest.bare_endpoint:app`,
with the database in BARE_DATABASE_URL and the secret in BARE_WEBHOOK_SECRET.
"""

import json
import os
from asyncio import Queue
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import stripe
from psycopg import AsyncConnection
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

_CONNECTIONS = 10  # as many as the sync engine's pool has unless told otherwise
_INSERT = """INSERT INTO event (id, type, body) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"""


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    url, free = os.environ["BARE_DATABASE_URL"], Queue[AsyncConnection]()
    for _ in range(_CONNECTIONS):
        connection = await AsyncConnection.connect(url, autocommit=True, prepare_threshold=0)
        free.put_nowait(connection)
    app.state.free = free
    async with free.get_nowait() as first:
        await first.execute(
            "CREATE TABLE IF NOT EXISTS event (id text PRIMARY KEY, type text, body text)"
        )
        free.put_nowait(first)
        yield
        while not free.empty():
            await free.get_nowait().close()


async def _receive(request: Request) -> Response:
    body = (await request.body()).decode()
    try:
        stripe.WebhookSignature.verify_header(
            body,
            request.headers.get("stripe-signature"),
            os.environ["BARE_WEBHOOK_SECRET"],
            stripe.Webhook.DEFAULT_TOLERANCE,
        )
    except stripe.SignatureVerificationError:
        return Response(status_code=400)
    event = json.loads(body)
    free: Queue[AsyncConnection] = request.app.state.free
    connection = await free.get()
    try:
        await connection.execute(_INSERT, (event["id"], event["type"], body))
    finally:
        free.put_nowait(connection)
    return Response()


async def _up(_request: Request) -> Response:
    return JSONResponse({})


app = Starlette(
    routes=[Route("/", _up, methods=["GET"]), Route("/", _receive, methods=["POST"])],
    lifespan=_lifespan,
)
