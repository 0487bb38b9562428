"""The settings of the Stripe account: its keys, which tell the mode, and where its API is."""

import re
from functools import cached_property
from typing import Final

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from cardpay.domain.errors import StartRefused
from cardpay.domain.stripe_account import Mode

# A key that Stripe issues is much longer than this; what is shorter was never one.
_SHORTEST_KEY: Final = 20
_KEY: Final = re.compile(r"(?P<kind>sk|rk|pk)_(?P<mode>test|live)_(?P<rest>[A-Za-z0-9_]+)")
_PLACEHOLDER: Final = re.compile(r"x{4,}|your|replace|placeholder|example", re.IGNORECASE)


class StripeSettings(BaseSettings):
    """Which Stripe account the desk works with. No keys at all is the demo."""

    stripe_secret_key: SecretStr | None = Field(None, alias="STRIPE_SECRET_KEY")
    stripe_publishable_key: str | None = Field(None, alias="STRIPE_PUBLISHABLE_KEY")
    stripe_webhook_secret: SecretStr | None = Field(None, alias="STRIPE_WEBHOOK_SECRET")
    stripe_api_base: str | None = Field(None, alias="CARDPAY_STRIPE_API_BASE")
    stripe_account: str | None = Field(None, alias="CARDPAY_STRIPE_ACCOUNT")

    @cached_property
    def mode(self) -> Mode:
        """Told by the secret key's prefix; no keys at all is the demo."""
        if self.stripe_secret_key is None:
            return Mode.DEMO
        return Mode.LIVE if "_live_" in self.stripe_secret_key.get_secret_value() else Mode.TEST


def check_keys(settings: StripeSettings) -> None:
    """StartRefused unless there are no keys, or two of one mode."""
    secret = settings.stripe_secret_key
    publishable = settings.stripe_publishable_key
    if secret is None and publishable is None:
        return
    if secret is None:
        raise StartRefused(
            "STRIPE_SECRET_KEY", "is missing while STRIPE_PUBLISHABLE_KEY is set: set both."
        )
    if publishable is None:
        raise StartRefused(
            "STRIPE_PUBLISHABLE_KEY", "is missing while STRIPE_SECRET_KEY is set: set both."
        )
    mode_of_secret = _key_mode("STRIPE_SECRET_KEY", secret.get_secret_value(), {"sk", "rk"})
    mode_of_publishable = _key_mode("STRIPE_PUBLISHABLE_KEY", publishable, {"pk"})
    if mode_of_secret is not mode_of_publishable:
        raise StartRefused(
            "STRIPE_PUBLISHABLE_KEY",
            f"is a {mode_of_publishable} key while STRIPE_SECRET_KEY is a {mode_of_secret} key: "
            "take both from the same mode.",
        )


def check_api_base(settings: StripeSettings) -> None:
    """StartRefused for an address that is none, or that must not be used in this mode."""
    base = settings.stripe_api_base
    if base is None:
        return
    if not re.fullmatch(r"https?://[^/\s]+(/[^\s?#]*)?", base):
        raise StartRefused(
            "CARDPAY_STRIPE_API_BASE", "must be an address such as http://127.0.0.1:8420."
        )
    if settings.mode is Mode.DEMO:
        raise StartRefused(
            "CARDPAY_STRIPE_API_BASE",
            "needs STRIPE_SECRET_KEY and STRIPE_PUBLISHABLE_KEY: the demo brings its own Stripe.",
        )
    if settings.mode is Mode.LIVE:
        raise StartRefused(
            "CARDPAY_STRIPE_API_BASE",
            "names a stand-in for Stripe, which must not see live keys: take it away.",
        )


def _key_mode(variable: str, key: str, kinds: set[str]) -> Mode:
    """Test or live. The key itself is never repeated: it may be a secret."""
    wanted = " or ".join(f"{kind}_…" for kind in sorted(kinds, reverse=True))
    found = _KEY.fullmatch(key)
    if found and found["kind"] not in kinds:
        kind = "a publishable key" if found["kind"] == "pk" else "a secret key"
        raise StartRefused(variable, f"holds {kind}, but must hold {wanted}.")
    if found is None or len(key) < _SHORTEST_KEY or _PLACEHOLDER.search(found["rest"]):
        raise StartRefused(
            variable, f"looks like a placeholder: copy the key ({wanted}) from Stripe's dashboard."
        )
    return Mode(found["mode"])
