"""Where a request ends is never in doubt: nothing can be smuggled behind one."""

from urllib.parse import urlsplit

import pytest

from tests.support.processes.servers import Server
from tests.support.processes.thread_servers import answered, connected

HEAD = b"POST /webhooks/stripe HTTP/1.1\r\nHost: 127.0.0.1\r\n"
NEXT = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(
            b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + NEXT,
            id="a length and chunks",
        ),
        pytest.param(b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde" + NEXT, id="lengths"),
        pytest.param(b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + NEXT, id="unknown coding"),
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\nz\r\n\r\n" + NEXT, id="chunk of no size"),
        pytest.param(b"Content-Length: +4\r\n\r\nabcd" + NEXT, id="a length with a sign"),
    ],
)
def test_a_message_of_unclear_length_is_refused(app: Server, request_: bytes) -> None:
    """With its connection: what follows is not answered."""
    port = urlsplit(app.url).port
    assert port
    with connected(port) as connection:
        connection.sendall(HEAD + request_)
        told = answered(connection)
    assert told.startswith(b"HTTP/1.1 400 ")
    assert told.count(b"HTTP/1.1 ") == 1
