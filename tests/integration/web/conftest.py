"""The app as a process, shared by what asks it over the network."""

from collections.abc import Iterator

import pytest

from tests.support.processes import servers
from tests.support.processes.identity_provider import IdentityProvider
from tests.support.processes.servers import Server


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory, provider: IdentityProvider) -> Iterator[Server]:
    """The demo behind a sign-in and a list of hosts, as `uvicorn app:app`."""
    folder = tmp_path_factory.mktemp("app")
    port = servers.free_port()
    command = servers.python("-m", "uvicorn", "app:app", f"--port={port}")
    settings = {
        **provider.settings(port),
        "CARDPAY_DATABASE_URL": f"sqlite:///{folder / 'desk.db'}",
        "CARDPAY_LOG_FORMAT": "json",
        "CARDPAY_DEMO_MONTHS": "0",
    }
    with servers.serving(folder, "app", port, command, up="/healthz", **settings) as server:
        yield server
