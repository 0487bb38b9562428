"""Starting with keys: what Stripe may say of them, and what the desk then says."""

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from uvicorn.config import STARTUP_FAILURE

from cardpay import bootstrap
from cardpay.domain.errors import StartRefused
from cardpay.settings import load
from tests.support.processes.servers import (
    PUBLISHABLE_KEY,
    ROOT,
    SECRET_KEY,
    free_port,
    python,
    with_keys,
)
from tests.support.processes.waiting import PATIENCE_SECONDS

UNCHECKED = "STRIPE_SECRET_KEY could not be checked"

pytestmark = pytest.mark.usefixtures("no_environment")


@contextmanager
def answering(status: int) -> Iterator[str]:
    """The address of a Stripe that refuses every question with this status."""

    class Refusing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"error": {"type": "invalid_request_error"}}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            """Nobody reads it."""

    with HTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def refusal(folder: Path, api_base: str) -> StartRefused:
    """Why the desk does not start."""
    chosen = load(
        STRIPE_SECRET_KEY=SECRET_KEY,
        STRIPE_PUBLISHABLE_KEY=PUBLISHABLE_KEY,
        CARDPAY_STRIPE_API_BASE=api_base,
        CARDPAY_DATABASE_URL=f"sqlite:///{folder / 'desk.db'}",
        CARDPAY_SIGN_IN="off",
    )
    with pytest.raises(StartRefused) as refused:
        bootstrap.build(chosen)
    return refused.value


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (401, "STRIPE_SECRET_KEY is not accepted by Stripe: copy it again from the dashboard."),
        (403, "CARDPAY_STRIPE_ACCOUNT must name the account (acct_…), since the restricted key"),
        (404, f"{UNCHECKED}: Stripe answered the question for its account with HTTP 404. Check"),
        (400, f"{UNCHECKED}: Stripe answered the question for its account with HTTP 400. Check"),
        (429, f"{UNCHECKED}: Stripe has too many requests of this account just now. Start again"),
        (500, f"{UNCHECKED}: Stripe has a problem (HTTP 500). Start again later, or name the"),
        (200, f"{UNCHECKED}: what Stripe answered is no account. Start again later, or name"),
    ],
)
def test_what_stripe_answers_instead_of_an_account(
    tmp_path: Path, status: int, sentence: str
) -> None:
    """Only a 401 is about the key; without knowing whose it is, two books could be mixed."""
    with answering(status) as api_base:
        assert refusal(tmp_path, api_base).sentence.startswith(sentence)


def test_a_stripe_that_does_not_answer(tmp_path: Path) -> None:
    """The way out is to start later, or to name the account."""
    sentence = refusal(tmp_path, f"http://127.0.0.1:{free_port()}").sentence
    assert sentence.startswith(f"{UNCHECKED}: Stripe does not answer.")
    assert "CARDPAY_STRIPE_ACCOUNT" in sentence


def test_the_receiver_alone_says_why_in_a_line(tmp_path: Path) -> None:
    """Also of what only shows once it is put together; and its code says that it is no use."""
    (tmp_path / "desk.db").write_text("no database")
    ended = subprocess.run(
        python("-m", "uvicorn", "cardpay.web.receiver:app", f"--port={free_port()}"),
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "CARDPAY_DATABASE_URL": f"sqlite:///{tmp_path / 'desk.db'}",
            **with_keys(),
        },
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert ended.returncode == STARTUP_FAILURE
    said = ended.stdout + ended.stderr
    assert "Traceback" not in said
    assert [line for line in said.splitlines() if "DATABASE" in line] == [
        "cardpay does not start. CARDPAY_DATABASE_URL names a database that cannot be opened or "
        "brought up to date (DatabaseError)."
    ]
