"""Remote addresses as they are compared: an IPv4 address is one, however it arrives.

A server that listens on `::` sees IPv4 addresses as `::ffff:192.0.2.1` (RFC 4291, 2.5.5.2).
"""

from collections.abc import Collection
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

_LOOPBACK = ("127.0.0.0/8", "::1")
_MAPPED = IPv6Network("::ffff:0:0/96")


def plain_address(address: str) -> str:
    """An IPv4 address in its own form; anything else as it is."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return str(mapped or parsed)


def network_of(address: str) -> str:
    """What one sender has of addresses: of IPv6, where anybody is given 2⁶⁴, the network."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:100]
    if isinstance(parsed, IPv6Address):
        return str(IPv6Address(int(parsed) >> 64 << 64))
    return str(parsed)


def plain_network(network: str) -> IPv4Network | IPv6Network:
    """The network that an address or a network names. ValueError."""
    parsed = ip_network(network, strict=False)
    if isinstance(parsed, IPv6Network) and parsed.subnet_of(_MAPPED):
        return ip_network(f"{parsed.network_address.ipv4_mapped}/{parsed.prefixlen - 96}")
    return parsed


class Addresses:
    """Which addresses are this computer's own, or of a proxy that is believed."""

    def __init__(self, proxies: Collection[str] = ()) -> None:
        """`proxies` are addresses and networks. ValueError."""
        self.networks = [plain_network(each) for each in (*_LOOPBACK, *proxies)]

    def __contains__(self, address: str) -> bool:
        """Whether it is one of them; what is no address is not."""
        try:
            parsed = ip_address(plain_address(address))
        except ValueError:
            return False
        return any(parsed in network for network in self.networks)


class BelievedProxies:
    """ASGI middleware: who asks, and by which scheme, is what this computer's proxies say.

    And those that `proxies` names. Of anybody else's word on it nothing is taken.
    """

    def __init__(self, app: ASGIApp, proxies: Collection[str]) -> None:
        """Wrap `app`."""
        self._app = app
        trusted = [form for each in Addresses(proxies).networks for form in _forms(each)]
        self._with_headers = ProxyHeadersMiddleware(self._plain, trusted_hosts=trusted)  # type: ignore[arg-type]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on with the address of who asks, in its own form."""
        await self._with_headers(scope, receive, send)  # type: ignore[arg-type]

    async def _plain(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("client"):
            host, port = scope["client"]
            scope["client"] = (plain_address(host), port)
        await self._app(scope, receive, send)


def _forms(network: IPv4Network | IPv6Network) -> list[str]:
    """A network as it may arrive."""
    if isinstance(network, IPv6Network):
        return [str(network)]
    return [str(network), f"::ffff:{network.network_address}/{96 + network.prefixlen}"]
