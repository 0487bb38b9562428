"""Who may come in, by which provider, and over which network."""

import json
from ipaddress import ip_network
from typing import Any, Final
from urllib.parse import urlsplit

from cardpay.doctor.check_context import CheckContext
from cardpay.doctor.findings import Finding, fail, ok, warn
from cardpay.doctor.http_client import NoAnswer, http_get
from cardpay.domain.errors import StartRefused
from cardpay.domain.stripe_account import Mode
from cardpay.settings.sign_in_checks import check_sign_in, missing_package

# OpenID Connect Discovery 1.0, section 3: what signing in needs of it.
_NEEDED: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")
# More than so many addresses are no proxies alone: each of them could say where people come from.
_MANY_ADDRESSES: Final = 256


def _problem(context: CheckContext) -> str | None:
    try:
        check_sign_in(context.settings)
    except StartRefused as refused:
        return refused.sentence
    return None


def settings(context: CheckContext) -> Finding:
    """Whether people sign in, and all that takes is there."""
    missing = missing_package() if context.settings.signs_in else None
    if missing:
        return fail(
            f"Signing in needs the package {missing}, which is not installed.",
            "Run `pip install -r requirements.txt` with the Python that runs the desk.",
        )
    problem = _problem(context)
    if problem:
        return fail(problem, "docs/signing-in.md says what to set.")
    if context.settings.signs_in:
        return ok("People sign in.")
    if context.mode is Mode.DEMO:
        return ok("Nobody signs in: it is the demo.")
    return warn(
        f"Nobody signs in: whoever reaches the desk is {context.settings.roles}.",
        "Set CARDPAY_SIGN_IN=oidc before others can reach this machine.",
    )


def issuer(context: CheckContext) -> Finding | None:
    """Whether the provider answers, and is who it should be."""
    if not context.settings.signs_in or _problem(context):
        return None
    named = str(context.settings.oidc_issuer)
    do = "Correct CARDPAY_OIDC_ISSUER, or let this machine reach the provider."
    try:
        answer = http_get(context.settings.streamlit_auth["server_metadata_url"])
    except NoAnswer as failed:
        return fail(f"The identity provider cannot be reached: {failed.reason}.", do)
    document = _document(answer.body)
    if answer.status != 200 or document is None:
        return fail(
            f"The identity provider's discovery document is not there (HTTP {answer.status}).", do
        )
    if str(document.get("issuer")).rstrip("/") != named.rstrip("/"):
        return fail(
            "The provider calls itself by another name than CARDPAY_OIDC_ISSUER.",
            "Set CARDPAY_OIDC_ISSUER to the `issuer` of its discovery document.",
        )
    missing = [name for name in _NEEDED if not document.get(name)]
    if missing:
        return fail(f"The discovery document lacks {', '.join(missing)}.", do)
    # What a document leaves out is `authorization_code` and `implicit` (section 3).
    if "refresh_token" not in (document.get("grant_types_supported") or ()):
        return warn(
            "The identity provider does not say that it gives refresh tokens. Without one, nobody "
            "can take payments 5 minutes after signing in, and sessions end after 15.",
            "Allow refresh tokens for the desk at the provider; docs/signing-in.md says how.",
        )
    return ok("The identity provider answers, by the name that is set.")


def _document(body: bytes) -> dict[str, Any] | None:
    try:
        read = json.loads(body)
    except ValueError:
        return None
    return read if isinstance(read, dict) else None


def tls(context: CheckContext) -> Finding | None:
    """Whether browsers reach the desk by https alone, as seen from here."""
    redirect = context.settings.oidc_redirect_uri
    if not context.settings.signs_in or _problem(context) or not redirect:
        return None
    if not context.settings.is_behind_tls:
        return warn(
            "People sign in over http, which only this computer may.",
            "Set CARDPAY_OIDC_REDIRECT_URI to the https address behind your proxy.",
        )
    parts = urlsplit(redirect)
    address = f"{parts.scheme}://{parts.netloc}/healthz"
    try:
        answer = http_get(address)
    except NoAnswer as failed:
        if failed.is_certificate:
            return fail(
                f"Browsers are warned of {parts.hostname}: {failed.reason}.",
                "Renew the certificate, or install the missing intermediate one.",
            )
        return warn(
            f"{parts.hostname} was not reached from here: {failed.reason}.",
            "Start the desk and its proxy, then look again; from inside it may be unreachable.",
        )
    if answer.status != 200:
        return warn(
            f"{parts.hostname} answers with HTTP {answer.status} at /healthz.",
            "Let the proxy pass everything on to the desk, /healthz too.",
        )
    if not answer.headers.get("strict-transport-security"):
        return warn(
            f"{parts.hostname} does not tell browsers to use https alone.",
            "Let the proxy pass the desk's header Strict-Transport-Security on.",
        )
    return ok(f"{parts.hostname} answers by https, and tells browsers to use nothing else.")


def proxies(context: CheckContext) -> Finding | None:
    """Whose word on a request's origin is taken."""
    if not context.settings.signs_in or _problem(context):
        return None
    trusted = context.settings.proxies
    if any(ip_network(one, strict=False).num_addresses > _MANY_ADDRESSES for one in trusted):
        return warn(
            "CARDPAY_TRUSTED_PROXIES believes a whole network, whatever its machines write as "
            "X-Forwarded-For.",
            "Name the proxies' own addresses alone: the audit log says where people came from.",
        )
    if not trusted:
        return ok("A proxy is believed on this computer alone.")
    return ok("The proxies that are believed are named.")
