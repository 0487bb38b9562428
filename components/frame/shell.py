"""The Streamlit script: the mode banner, and the pages that this person may open."""

import streamlit as st
from streamlit.navigation.page import Page as StreamlitPage

from cardpay.domain.access.actor import Actor
from cardpay.domain.stripe_account import Mode
from components.frame import browser_scripts, desk_access, sign_in
from components.frame.page_list import PAGES

# Streamlit's margins leave too little room beside the sidebar on a small laptop.
_STYLE = """<style>
[data-testid="stMainBlockContainer"] { padding: 4.5rem 2.5rem 3rem; max-width: 76rem; }
.st-key-guard { position: absolute; }
/* A chosen pill's words take the theme's primary colour, too dark to read on a dark page. */
[data-testid="stButtonGroup"] button[data-variant][data-selected] { color: inherit; }
[class*="st-key-banner-"] { border-radius: 0.5rem; padding: 0.7rem 1rem; --tint: #1d6fd0; }
.st-key-banner-test { --tint: #d07a00; }
[class*="st-key-banner-"] {
  border: 1px solid var(--tint); background: color-mix(in srgb, var(--tint) 14%, transparent);
}
[data-testid="stMetricValue"] { font-size: clamp(1.2rem, 2.4vw, 2rem); }
[data-testid="stMetricValue"] * { overflow: visible; white-space: nowrap; }
@media (max-width: 1000px) {
  [data-testid="stHorizontalBlock"] { flex-wrap: wrap; }
  [data-testid="stColumn"] { min-width: 9rem; }
  [data-testid="stColumn"]:has([data-testid="stColumn"]),
  [data-testid="stColumn"]:has(.st-key-test-cards) { min-width: 100%; }
}
</style>"""

# Drawn here, since a symbol by name would be fetched from another site.
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">'
    '<rect x="1" y="4" width="22" height="16" rx="3" fill="#0b5f7e"/>'
    '<rect x="1" y="8" width="22" height="4" fill="#ffffff"/></svg>'
)

_BANNERS = {
    Mode.DEMO: (
        ":material/science: **Demo.** Stripe is simulated. Use test cards: no real money moves."
    ),
    Mode.TEST: (
        ":material/build: **Test mode.** Stripe account {account}. Use test cards: no real money "
        "moves."
    ),
}


def _banner() -> None:
    """The mode's banner. Not an alert box: screen readers would announce it as a status."""
    account = desk_access.current_desk().account
    if account.mode in _BANNERS:
        with st.container(key=f"banner-{account.mode.value}"):
            st.markdown(_BANNERS[account.mode].format(account=account.stripe_account_id))


def _navigation(actor: Actor) -> list[StreamlitPage]:
    """The pages that this person may open. Streamlit serves only the default one at `/`."""
    may_open = [page for page in PAGES if actor.may(page.permission)]
    pages = [
        st.Page(
            page.file,
            title=page.title,
            icon=page.icon,
            url_path=page.name,
            default=page is PAGES[0],
        )
        for page in may_open
    ]
    if may_open[:1] == [PAGES[0]]:
        return pages

    def start() -> None:
        """Send whoever may not open the page at `/` to the first page that they may open."""
        if pages:
            st.switch_page(pages[0], query_params=st.query_params.to_dict())
        st.error("You don't have access to any page. Ask an administrator for a role.")

    return [st.Page(start, title="cardpay", default=True, visibility="hidden"), *pages]


def main() -> None:
    """Draw the frame, then the chosen page."""
    st.set_page_config(page_title="cardpay", page_icon=_ICON, layout="wide")
    st.html(_STYLE)
    actor = sign_in.signed_in_actor()
    if actor is None:
        return
    page = st.navigation(_navigation(actor))
    # First, where nothing comes and goes before it: at another place on the page the frame would
    # load again, report to the server, and rerun the script while somebody types.
    with st.container(key="guard"):
        browser_scripts.warn_before_leaving()
    sign_in.sidebar(actor)
    _banner()
    page.run()


main()
