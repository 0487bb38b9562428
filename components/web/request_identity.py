"""Who asks a route of ours, read from the cookies with which Streamlit knows somebody.

How Streamlit 1.67 signs and splits them is no public interface of its: a test signs in and reads.
"""

import json

from starlette.requests import HTTPConnection
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from cardpay.domain.access.sign_in import Identity, read_identity


def identity_of(request: HTTPConnection, cookie_secret: str, groups_claim: str) -> Identity | None:
    """Who the identity provider said is at this browser; None for nobody, or a forged cookie.

    The cookie outlives its session: whether the session still exists, its row has to say.
    """

    def one(name: str) -> bytes | None:
        signed = request.cookies.get(name)
        return decode_signed_value(cookie_secret, name, signed.encode()) if signed else None

    found = get_cookie_with_chunks(one, USER_COOKIE_NAME)
    try:
        claims = json.loads(found) if found else None
    except ValueError:
        return None
    if not isinstance(claims, dict) or not claims.get("is_logged_in"):
        return None
    return read_identity(claims, groups_claim)
