"""What stands before Streamlit: which addresses there are, and what strangers may do."""

from collections.abc import Callable, Collection

from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute

from cardpay.bootstrap import Application
from cardpay.domain.access.role_check_rules import AccessUnchecked
from cardpay.domain.errors import CardpayError
from cardpay.settings import Settings
from cardpay.web.this_computer_alone import ThisComputerAlone
from components.web.component_files import ComponentFiles
from components.web.known_addresses import KnownAddresses
from components.web.route_answers import actor_of, known_identity
from components.web.signing_in.host_cookies import HostCookies
from components.web.sockets.socket_guard import SocketGuard
from components.web.stranger_limits import StrangerLimits


def doors(
    chosen: Settings, application: Callable[[], Application], routes: Collection[BaseRoute]
) -> list[Middleware]:
    """From the outside in; `routes` are the desk's own. `application` is called per request."""

    def person_of(connection: HTTPConnection) -> str | None:
        if not chosen.signs_in:
            return connection.client.host if connection.client else "this computer"
        try:
            return actor_of(application(), connection).actor_id
        except AccessUnchecked:  # the provider is away, and their page says so
            identity = known_identity(chosen, connection)
            return identity.actor_id if identity else None
        except CardpayError:
            return None

    def sign_in_of(connection: HTTPConnection) -> str | None:
        identity = known_identity(chosen, connection)
        return identity.session_id if identity is not None else None

    return [
        *([Middleware(ThisComputerAlone)] if chosen.is_for_this_computer_alone else []),
        # Before whatever reads a cookie.
        *([Middleware(HostCookies)] if chosen.signs_in and chosen.is_behind_tls else []),
        *([Middleware(StrangerLimits, sign_in_of=sign_in_of)] if chosen.signs_in else []),
        Middleware(KnownAddresses, routes=routes),
        Middleware(SocketGuard, person_of=person_of),
        Middleware(ComponentFiles),
    ]
