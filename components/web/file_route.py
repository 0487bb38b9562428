"""The one way in which a file leaves the desk: for who is signed in, may have it, and asks for it.

Not by Streamlit's download button: its files lie at an address that asks nobody who they are, and
are gone once the script has run again.
"""

from collections.abc import Callable, Iterator
from functools import partial
from http import HTTPStatus
from os import SEEK_END
from time import monotonic
from typing import BinaryIO, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from cardpay.bootstrap import Application
from cardpay.domain.access.actor import Actor
from cardpay.domain.errors import CardpayError, InvalidInput
from cardpay.domain.exports.exported_files import TooManyFiles
from cardpay.exports.handed_out import HandedOut
from cardpay.services.stripe_asks import PerMinute
from components.web.route_answers import NEVER_KEPT, actor_of, refusal

_AT_ONCE_BYTES: Final = 256 * 1024
# Of one kind and by one person. Each is built, and written down, refused ones too: a program that
# asks without end would keep the processor and fill the audit log.
FILES_A_MINUTE: Final = 60

HandOut = Callable[[Application, Actor, Request], HandedOut]
"""Checks, builds and writes down, in this order; raises what a use case raises.

KeyError, ValueError, OverflowError and InvalidInput mean an address that nobody drew.
"""


def file_route(
    path: str, application: Callable[[], Application], title: str, hand_out: HandOut
) -> Route:
    """A route with a file; `title` is that of the page that refuses it. Called per request."""
    bounded = partial(_hand_out, hand_out, PerMinute(FILES_A_MINUTE))

    async def answer(request: Request) -> Response:
        return await run_in_threadpool(_answer, application(), request, title, bounded)

    route = Route(path, answer, methods=["GET"])
    # Starlette adds it. Nothing is handed out then, and so nothing may be written down.
    assert route.methods is not None
    route.methods.discard("HEAD")
    return route


def _hand_out(
    hand_out: HandOut, asked: PerMinute, application: Application, actor: Actor, request: Request
) -> HandedOut:
    if asked.seconds_to_wait(actor.actor_id, monotonic()) > 0:
        raise TooManyFiles(FILES_A_MINUTE)
    return hand_out(application, actor, request)


def _answer(application: Application, request: Request, title: str, hand_out: HandOut) -> Response:
    try:
        file = hand_out(application, actor_of(application, request), request)
    except (KeyError, ValueError, OverflowError, InvalidInput):
        return Response(status_code=HTTPStatus.NOT_FOUND, headers=NEVER_KEPT)
    except CardpayError as refused:
        return refusal(refused, title)
    # Always whole: parts would be several downloads of one hand-out.
    headers = {**NEVER_KEPT, "Content-Length": str(_length(file.content))}
    if file.name:
        headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return StreamingResponse(_parts(file.content), media_type=file.mime, headers=headers)


def _length(content: BinaryIO) -> int:
    length = content.seek(0, SEEK_END)
    content.seek(0)
    return length


def _parts(content: BinaryIO) -> Iterator[bytes]:
    with content:
        while part := content.read(_AT_ONCE_BYTES):
            yield part
