"""`python -m cardpay sandbox`: the simulated Stripe as a server of its own."""

from pathlib import Path

import click
import uvicorn

from cardpay.sandbox.http.asgi_app import make_asgi_app
from cardpay.sandbox.sandbox import Sandbox


@click.command
@click.option("--port", type=click.IntRange(1, 65_535), default=12111, show_default=True)
@click.option("--database", type=click.Path(path_type=Path), help="store the state in this file")
@click.option("--webhook-url", help="send every event there")
@click.option("--webhook-secret", help="sign events with this secret instead of the account's own")
@click.option("--no-moto", is_flag=True, help="disable telephone orders for the account")
def sandbox(
    port: int,
    database: Path | None,
    webhook_url: str | None,
    webhook_secret: str | None,
    *,
    no_moto: bool,
) -> None:
    """Run the simulated Stripe as a server of its own.

    It listens on the loopback address only.
    """
    stripe = Sandbox(database, moto=not no_moto)
    secret = webhook_secret or stripe.webhook_secret
    if webhook_url:
        stripe.webhooks.add_endpoint(webhook_url, secret)
    stripe.webhooks.start()
    click.echo(
        f"A simulated Stripe on http://127.0.0.1:{port} ({stripe.account_id})\n"
        f"STRIPE_SECRET_KEY={stripe.secret_key}\n"
        f"STRIPE_PUBLISHABLE_KEY={stripe.publishable_key}\n"
        f"STRIPE_WEBHOOK_SECRET={secret}\n"
        f"CARDPAY_STRIPE_API_BASE=http://127.0.0.1:{port}\n"
        "CARDPAY_SIGN_IN=off"
    )
    try:
        uvicorn.run(
            make_asgi_app(stripe, control=True),
            host="127.0.0.1",
            port=port,
            access_log=False,  # queries carry client_secrets
            log_level="warning",
        )
    finally:
        stripe.close()
