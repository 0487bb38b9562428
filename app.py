"""The ASGI app: the pages, the routes beside them and, in demo mode, the sandbox.

Started by `streamlit run app.py` and by `uvicorn app:app` alike.
"""

import sys
from pathlib import Path

import streamlit as st

from cardpay import bootstrap, settings
from cardpay.domain.errors import StartRefused
from cardpay.logs import configuration
from cardpay.settings.sign_in_checks import check_sign_in
from cardpay.web import routes
from cardpay.web.outer_middleware import outer_middleware
from components.frame.error_messages import show_error
from components.web.audit_routes import audit_routes
from components.web.balance_routes import balance_routes
from components.web.content_policy import policies
from components.web.doors import doors
from components.web.export_routes import export_routes
from components.web.insight_routes import insight_routes
from components.web.receipt_routes import receipt_routes
from components.web.signing_in.sign_in_routes import sign_in_routes

try:
    chosen = settings.load()
    configuration.configure(chosen.log_format, chosen.log_level or "INFO", chosen.secrets)
    check_sign_in(chosen)
    bootstrap.application()
except StartRefused as refused:
    sys.stderr.write(f"cardpay does not start. {refused.sentence}\n")
    raise SystemExit(2) from None

_routes = [
    *routes.routes(bootstrap.application),
    *receipt_routes(bootstrap.application),
    *balance_routes(bootstrap.application),
    *insight_routes(bootstrap.application),
    *export_routes(bootstrap.application),
    *audit_routes(bootstrap.application),
    *(sign_in_routes(bootstrap.application) if chosen.signs_in else ()),
]

# The script lies outside this folder on purpose: beside a folder `pages/`, Streamlit would
# run a page for its first visitor without the script that guards it.
app = st.App(
    Path(__file__).parent / "components" / "frame" / "shell.py",
    routes=_routes,
    middleware=[
        *outer_middleware(chosen, policies(bootstrap.application().stripe_js_url)),
        *doors(chosen, bootstrap.application, _routes),
    ],
    on_script_error=show_error,
    secrets={"auth": {**chosen.streamlit_auth}} if chosen.signs_in else None,
)
