"""The Content-Security-Policy of the desk's pages: the strictest under which everything works.

Stripe's hosts are those of its docs ("Security at Stripe", content security policy). In test
mode with a stand-in for Stripe, the stand-in's address takes their place.
"""

import base64
import hashlib
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import streamlit

# Documents of Streamlit's older kind of component; here that is streamlit-javascript's.
_COMPONENTS: Final = "/component/"
_INLINE_SCRIPT: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_STRIPE_SCRIPTS: Final = "https://js.stripe.com https://*.js.stripe.com"
_STRIPE_FRAMES: Final = f"{_STRIPE_SCRIPTS} https://hooks.stripe.com"
_STRIPE_API: Final = "https://api.stripe.com"

# streamlit-javascript evaluates its expression in a document of its own, and fails silently
# without these rights. Only the desk's own pages may frame it.
COMPONENT: Final = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; "
    "form-action 'none'"
)


def policies(stripe_js_url: str) -> Callable[[str], str]:
    """A function from path to policy; `stripe_js_url` is where Stripe.js comes from."""
    page = page_policy(stripe_js_url)
    return lambda path: COMPONENT if path.startswith(_COMPONENTS) else page


def page_policy(stripe_js_url: str) -> str:
    """The policy of the pages; `stripe_js_url` is where Stripe.js comes from."""
    scripts, frames, api = _STRIPE_SCRIPTS, _STRIPE_FRAMES, _STRIPE_API
    parts = urlsplit(stripe_js_url)
    if not parts.hostname:  # the demo's own stand-in
        scripts = frames = api = ""
    elif parts.hostname != "js.stripe.com":
        scripts = frames = api = f"{parts.scheme}://{parts.netloc}"
    directives = {
        "default-src": "'none'",
        # WebAssembly draws and sorts Streamlit's tables.
        "script-src": f"'self' {_inline_scripts()} {scripts} 'wasm-unsafe-eval'",
        # Streamlit writes its styles into the page as it draws.
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": f"'self' {api}",
        "frame-src": f"'self' {frames}",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "object-src": "'none'",
        "manifest-src": "'self'",
    }
    return "; ".join(f"{name} {' '.join(value.split())}" for name, value in directives.items())


@cache
def _inline_scripts() -> str:
    """The hashes of the inline scripts in Streamlit's own page: no others may run."""
    page = Path(streamlit.__file__).parent / "static" / "index.html"
    return " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in _INLINE_SCRIPT.findall(page.read_text(encoding="utf-8"))
    )
