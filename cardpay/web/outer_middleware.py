"""What stands between the network and everything that answers, pages and receiver alike."""

from collections.abc import Callable

from starlette.middleware import Middleware

from cardpay.settings import Settings
from cardpay.web.body_limit import BodyLimit
from cardpay.web.connection_limits import LimitedConnections
from cardpay.web.remote_addresses import BelievedProxies
from cardpay.web.request_limits import RequestLimits
from cardpay.web.request_log import RequestLog
from cardpay.web.security_headers import SecurityHeaders
from cardpay.web.trusted_hosts import TrustedHosts


def outer_middleware(chosen: Settings, policy_of: Callable[[str], str]) -> list[Middleware]:
    """From the outside in; `policy_of` gives the content security policy of a path."""
    return [
        Middleware(LimitedConnections),
        Middleware(BelievedProxies, proxies=chosen.proxies),
        Middleware(
            SecurityHeaders,
            policy_of=policy_of,
            behind_tls=chosen.signs_in and chosen.is_behind_tls,
        ),
        Middleware(RequestLog, proxies=chosen.proxies),
        Middleware(RequestLimits),
        Middleware(TrustedHosts, hosts=chosen.hosts),
        Middleware(BodyLimit),
    ]
