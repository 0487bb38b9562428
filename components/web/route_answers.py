"""What routes beside the pages have in common: who asks, and how they are refused."""

from html import escape
from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, Response

from cardpay.bootstrap import Application
from cardpay.domain.access.actor import Actor
from cardpay.domain.access.role_check_rules import AccessUnchecked, ProviderRefused, ProviderSilent
from cardpay.domain.access.sign_in import AccessDenied, Identity, NotSignedIn, SignedOut
from cardpay.domain.errors import CardpayError, NotAllowed, PaymentNotFound, StartRefused
from cardpay.domain.exports.exported_files import ExportNotFound, TooManyFiles
from cardpay.domain.receipt import NoReceipt
from cardpay.settings import Settings
from cardpay.storage.database.replica import FiguresLost
from components.frame.desk_access import actor_for
from components.web.request_identity import identity_of

# Nobody's disk and no proxy keeps what only some may see.
NEVER_KEPT: Final = {"Cache-Control": "no-store"}
_STATUSES: Final[dict[type[CardpayError], int]] = {
    NotSignedIn: 401,
    SignedOut: 401,
    AccessDenied: 403,
    AccessUnchecked: 503,
    ProviderRefused: 403,
    ProviderSilent: 503,
    NotAllowed: 403,
    StartRefused: 403,
    ExportNotFound: 404,
    TooManyFiles: 429,
    PaymentNotFound: 404,
    NoReceipt: 404,
    FiguresLost: 503,
}


def actor_of(application: Application, request: HTTPConnection) -> Actor:
    """Who asks, by the session of the pages. NotSignedIn, SignedOut, AccessDenied."""
    origin = request.client.host if request.client else "this computer"
    return actor_for(known_identity(application.settings, request), origin)


def known_identity(settings: Settings, request: HTTPConnection) -> Identity | None:
    """Who the provider said is at this browser; whether the session goes on its row has to say."""
    if not settings.signs_in:
        return None
    secret = settings.streamlit_auth["cookie_secret"]
    return identity_of(request, secret, settings.oidc_groups_claim)


def refusal(refused: CardpayError, title: str, way_on: tuple[str, str] | None = None) -> Response:
    """The error's own sentence, on a page that says nothing else but a way on, if there is one."""
    link = f'<p><a href="{way_on[0]}">{escape(way_on[1])}</a></p>' if way_on else ""
    return HTMLResponse(
        f'<!doctype html><html lang="en-GB"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<p>{escape(refused.sentence)}</p>{link}</html>",
        status_code=_STATUSES.get(type(refused), 400),
        headers=NEVER_KEPT,
    )
