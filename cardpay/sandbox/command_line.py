"""`python -m cardpay sandbox`: the stand-in on its own, for tests and for a look around."""

import argparse
import sys
from pathlib import Path

import uvicorn

from cardpay.sandbox.sandbox import Sandbox


def run(argv: list[str]) -> int:
    """Serve until interrupted, on the loopback address only. The exit status."""
    arguments = _parser().parse_args(argv)
    sandbox = Sandbox(arguments.database, moto=not arguments.no_moto)
    secret = arguments.webhook_secret or sandbox.webhook_secret
    if arguments.webhook_url:
        sandbox.webhooks.add_endpoint(arguments.webhook_url, secret)
    sandbox.webhooks.start()
    sys.stdout.write(
        f"A simulated Stripe on http://127.0.0.1:{arguments.port} ({sandbox.account_id})\n"
        f"STRIPE_SECRET_KEY={sandbox.secret_key}\n"
        f"STRIPE_PUBLISHABLE_KEY={sandbox.publishable_key}\n"
        f"STRIPE_WEBHOOK_SECRET={secret}\n"
        f"CARDPAY_STRIPE_API_BASE=http://127.0.0.1:{arguments.port}\n"
        "CARDPAY_SIGN_IN=off\n"
    )
    sys.stdout.flush()
    try:
        uvicorn.run(
            sandbox.asgi(control=True),
            host="127.0.0.1",
            port=arguments.port,
            access_log=False,  # queries carry client_secrets
            log_level="warning",
        )
    finally:
        sandbox.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m cardpay sandbox", description="Serve a stand-in for Stripe."
    )
    parser.add_argument("--port", type=int, default=12111)
    parser.add_argument("--database", type=Path, help="keep the state in this file")
    parser.add_argument("--webhook-url", help="send every event there")
    parser.add_argument("--webhook-secret", help="sign with this instead of the account's own")
    parser.add_argument("--no-moto", action="store_true", help="no right to telephone orders")
    return parser
