"""The ASGI app: the pages, the routes beside them and, in demo mode, the sandbox.

Started by `streamlit run app.py` and by `uvicorn app:app` alike.
"""

import sys
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from cardpay import bootstrap, settings
from cardpay.domain.errors import StartRefused
from cardpay.logs import configuration
from cardpay.settings.sign_in_checks import check_sign_in
from cardpay.web import routes
from cardpay.web.body_limit import BodyLimit
from cardpay.web.request_log import RequestLog
from cardpay.web.security_headers import SecurityHeaders
from cardpay.web.trusted_hosts import TrustedHosts
from components.frame.error_messages import show_error
from components.web.asset_caching import AssetCaching
from components.web.balance_routes import balance_routes
from components.web.content_policy import policies
from components.web.export_routes import export_routes
from components.web.host_cookies import HostCookies
from components.web.insight_routes import insight_routes
from components.web.receipt_routes import receipt_routes
from components.web.sign_in_routes import sign_in_routes

try:
    chosen = settings.load()
    configuration.configure(chosen.log_format, chosen.log_level or "INFO", chosen.secrets)
    check_sign_in(chosen)
    bootstrap.application()
except StartRefused as refused:
    sys.stderr.write(f"cardpay does not start. {refused.sentence}\n")
    raise SystemExit(2) from None

# The script lies outside this folder on purpose: beside a folder `pages/`, Streamlit would
# run a page for its first visitor without the script that guards it.
app = st.App(
    Path(__file__).parent / "components" / "frame" / "shell.py",
    routes=[
        *routes.routes(bootstrap.application),
        *receipt_routes(bootstrap.application),
        *balance_routes(bootstrap.application),
        *insight_routes(bootstrap.application),
        *export_routes(bootstrap.application),
        *(sign_in_routes(bootstrap.application) if chosen.signs_in else ()),
    ],
    middleware=[
        Middleware(ProxyHeadersMiddleware, trusted_hosts=list(chosen.proxies)),
        Middleware(
            SecurityHeaders,
            policy_of=policies(bootstrap.application().stripe_js_url),
            behind_tls=chosen.signs_in and chosen.is_behind_tls,
        ),
        Middleware(RequestLog, proxies=chosen.proxies),
        Middleware(TrustedHosts, hosts=chosen.hosts),
        Middleware(BodyLimit),
        Middleware(HostCookies, behind_tls=chosen.signs_in and chosen.is_behind_tls),
        Middleware(AssetCaching),
    ],
    on_script_error=show_error,
    secrets={"auth": {**chosen.streamlit_auth}} if chosen.signs_in else None,
)
