"""The app and the sandbox as processes of their own, started as the documentation says."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.support.processes.waiting import PATIENCE_SECONDS, wait_for

ROOT = Path(__file__).resolve().parents[3]
SECRET_KEY = "sk_test_cardpayBrowserTests0001"
WEBHOOK_SECRET = "whsec_cardpayTests0001"
PUBLISHABLE_KEY = "pk_test_cardpayBrowserTests0001"
AUDIT_KEY = "audit-key-of-tests-0123456789abcdef"
_START_SECONDS = 180.0  # a busy machine is slow; a server that has ended is not waited for
# The folder of each server that was started, for whoever looks through what they left behind.
FOLDERS: list[Path] = []
# Where stand-ins for Stripe listened: what browsers told those, they told Stripe.
STRIPE_HOSTS: set[str] = set()


@dataclass(frozen=True)
class Server:
    """A running process: its address, and what it wrote."""

    url: str
    log: Path
    folder: Path
    process: subprocess.Popen[bytes]

    def get(self, path: str) -> Any:
        """JSON from the server."""
        with urllib.request.urlopen(self.url + path, timeout=PATIENCE_SECONDS) as reply:
            return json.load(reply)

    def delete(self, path: str) -> None:
        """Empty something."""
        request = urllib.request.Request(self.url + path, method="DELETE")
        urllib.request.urlopen(request, timeout=PATIENCE_SECONDS).close()

    @contextmanager
    def held(self) -> Iterator[None]:
        """It does nothing at all until the end of the block."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def post(self, path: str, body: object | None = None) -> Any:
        """JSON to the server, and its answer."""
        request = urllib.request.Request(
            self.url + path,
            data=json.dumps(body or {}).encode(),
            headers={"Content-Type": "application/json"},
            method="POST",
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as reply:
            return json.load(reply)


@dataclass(frozen=True)
class StripeServer(Server):
    """The sandbox on its own, with its controls."""

    def listed(self, path: str) -> list[dict[str, Any]]:
        """Everything of a kind, newest first."""
        found: list[dict[str, Any]] = []
        while True:
            after = f"&starting_after={found[-1]['id']}" if found else ""
            request = urllib.request.Request(
                f"{self.url}{path}?limit=100{after}",
                headers={"Authorization": f"Bearer {SECRET_KEY}"},
            )
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as reply:
                page = json.load(reply)
            found += page["data"]
            if not page["has_more"]:
                return found

    def account_id(self) -> str:
        """Whose keys all keys are."""
        request = urllib.request.Request(
            f"{self.url}/v1/account", headers={"Authorization": f"Bearer {SECRET_KEY}"}
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as reply:
            return str(json.load(reply)["id"])

    def intents(self, order_reference: str) -> list[dict[str, Any]]:
        """The PaymentIntents of one order."""
        return [
            intent
            for intent in self.listed("/v1/payment_intents")
            if intent["metadata"].get("order_reference") == order_reference
        ]

    def charges(self, order_reference: str) -> list[dict[str, Any]]:
        """The successful Charges of one order."""
        of_order = {intent["id"] for intent in self.intents(order_reference)}
        return [
            charge
            for charge in self.listed("/v1/charges")
            if charge["payment_intent"] in of_order and charge["status"] == "succeeded"
        ]

    @contextmanager
    def slow(self, method: str, path: str) -> Iterator[None]:
        """It takes its time over one such request, until the end of the block.

        What is looked at in the block must not wait for the answer, which comes afterwards.
        """
        fault = {"kind": "delay", "method": method, "path": path, "seconds": PATIENCE_SECONDS}
        self.post("/_control/faults", fault)
        try:
            yield
        finally:
            self.delete("/_control/faults")

    def wait_until_faults_are_used(self) -> None:
        """The request that a fault waits for has arrived."""
        wait_for(
            lambda: not self.get("/_control/faults"), "no request came that the fault was for"
        )

    def server_calls(self) -> list[str]:
        """What the desk's server asked of Stripe: method and path, the browser's left out."""
        return [
            f"{made['method']} {made['path']}"
            for made in self.get("/_control/requests")
            if not made["path"].startswith(("/v1/payment_methods", "/v1/sandbox"))
            # The desk asks with the Charge, the browser's own question is without.
            and (made["method"] != "GET" or "expand" in str(made["params"]))
        ]


def browser_makes_card(api_base: str, number: str) -> str:
    """A PaymentMethod, made as the browser makes it."""
    fields = {
        "type": "card",
        "card[number]": number,
        "card[exp_month]": "12",
        "card[exp_year]": "2030",
        "card[cvc]": "123",
    }
    request = urllib.request.Request(
        f"{api_base}/v1/payment_methods",
        data=urlencode(fields).encode(),
        headers={"Authorization": f"Bearer {PUBLISHABLE_KEY}"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as reply:
        return str(json.load(reply)["id"])


def free_port() -> int:
    """A port that nobody uses now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def app(folder: Path, port: int | None = None, **settings: str) -> Iterator[Server]:
    """`streamlit run app.py` with a database in `folder`; with keys, nobody signs in.

    A suite is quicker than a phone desk, and has more declines: it has no limits unless set. A
    demo has the last days of its past alone.
    """
    port = port or free_port()
    command = ["-m", "streamlit", "run", "app.py", f"--server.port={port}"]
    environment = {
        "CARDPAY_DATABASE_URL": f"sqlite:///{folder / 'desk.db'}",
        "CARDPAY_SIGN_IN": "off",
        "CARDPAY_LIMIT_PAYMENTS_PER_HOUR": "0",
        "CARDPAY_LIMIT_DECLINES_PER_CARD": "0",
        "CARDPAY_DEMO_MONTHS": "0",
        **settings,
    }
    with serving(folder, "app", port, python(*command), up="/healthz", **environment) as server:
        yield server


@contextmanager
def receiver(folder: Path, workers: int = 1, **settings: str) -> Iterator[Server]:
    """`uvicorn cardpay.web.receiver:app`, without the pages."""
    port = free_port()
    # A worker that is silent for five seconds is killed and begun again: a busy machine's are.
    address = (f"--port={port}", f"--workers={workers}", "--timeout-worker-healthcheck=30")
    command = python("-m", "uvicorn", "cardpay.web.receiver:app", *address)
    environment = {
        "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "CARDPAY_AUDIT_KEY": AUDIT_KEY,
        "CARDPAY_AUDIT_HEADS": str(folder / "audit-heads.log"),
        **with_keys(),
        **settings,
    }
    with serving(folder, "receiver", port, command, up="/readyz", **environment) as server:
        yield server


def with_keys() -> dict[str, str]:
    """The settings that make it test mode, with any stand-in for Stripe, and no sign-in."""
    return {
        "STRIPE_SECRET_KEY": SECRET_KEY,
        "STRIPE_PUBLISHABLE_KEY": PUBLISHABLE_KEY,
        "CARDPAY_SIGN_IN": "off",
    }


@contextmanager
def bare_streamlit(folder: Path, script: str) -> Iterator[Server]:
    """`streamlit run` of a page that has nothing to do with the desk."""
    port = free_port()
    page = folder / "bare.py"
    page.write_text(script)
    command = python("-m", "streamlit", "run", str(page), f"--server.port={port}")
    with serving(folder, "bare", port, command, up="/_stcore/host-config") as server:
        yield server


@contextmanager
def stripe_server(folder: Path) -> Iterator[StripeServer]:
    """`python -m cardpay sandbox`."""
    port = free_port()
    database = folder / "stripe.db"
    command = python("-m", "cardpay", "sandbox", f"--port={port}", f"--database={database}")
    STRIPE_HOSTS.add(f"127.0.0.1:{port}")
    with serving(folder, "stripe", port, command, up="/_control/requests") as server:
        yield StripeServer(server.url, server.log, server.folder, server.process)


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This process's, with no settings but these, and no modules but the environment's own."""
    ours = ("STRIPE_", "CARDPAY_", "PYTHONPATH")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return clean | dict(settings)


def python(*arguments: str) -> list[str]:
    """A command for the Python that runs this."""
    return [sys.executable, *arguments]


@contextmanager
def serving(
    folder: Path,
    name: str,
    port: int,
    command: list[str],
    root: Path = ROOT,
    /,
    *,
    up: str,
    **settings: str,
) -> Iterator[Server]:
    """A process of ours, run in `root`, once its path `up` on `port` answers with JSON."""
    log = folder / f"{name}.log"
    if folder not in FOLDERS:
        FOLDERS.append(folder)
    with _running(log, command, root, settings) as process:
        server = Server(f"http://127.0.0.1:{port}", log, folder, process)
        _wait_until_up(server, up)
        yield server


@contextmanager
def _running(
    log: Path, command: list[str], root: Path, settings: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """A Python process for a while, with no settings but these."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=root,
            env=environment(settings),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_up(server: Server, path: str) -> None:
    """Until `path` answers with JSON; AssertionError with the log's end if it never does."""

    def answers_or_is_over() -> bool:
        try:
            server.get(path)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return server.process.poll() is not None
        return True

    wait_for(answers_or_is_over, lambda: _no_server(server), _START_SECONDS)
    if server.process.poll() is not None:
        raise AssertionError(_no_server(server))


def _no_server(server: Server) -> str:
    return f"no server: {server.log.read_text()[-2000:]}"
