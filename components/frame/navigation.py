"""The pages of the navigation, in sections; what a person may not open is not in it."""

from typing import Final

import streamlit as st
from streamlit.navigation.page import Page as StreamlitPage

from cardpay.domain.access.actor import Actor
from cardpay.domain.audit_chain import Head
from cardpay.reporting.needs_review import count_to_review
from cardpay.services.desk import Desk
from components.frame import session_state
from components.frame.company import DEFAULT_LOGO, company_name
from components.frame.desk_access import current_desk
from components.frame.page_list import LINKED, MORE, NEEDS_REVIEW, PAGES, SECTIONS, DeskPage

_COUNT_SECONDS: Final = 10  # the count is of the whole desk, and drawn on every page


def configure_page(title: str | None = None) -> None:
    """Set the tab's icon and the page's width; with a title, the tab's title."""
    if title is None:
        st.set_page_config(page_icon=DEFAULT_LOGO, layout="wide")
    else:
        st.set_page_config(page_title=f"{title} · {company_name()}")


def navigation(actor: Actor) -> StreamlitPage:
    """Draw the pages that this person may open; return the chosen one, its tab's title set.

    Streamlit serves only the default page at `/`.
    """
    sections: dict[str, list[StreamlitPage]] = {
        name: [
            st.Page(
                page.file,
                title=_title(page, actor),
                url_path=page.name,
                default=page is PAGES[0],
            )
            for page in pages
            if actor.may(page.permission)
        ]
        for name, pages in SECTIONS.items()
    }
    linked = [
        st.Page(page.file, title=page.title, url_path=page.name, visibility="hidden")
        for page in LINKED
        if actor.may(page.permission)
    ]
    sections[""] += linked
    sections = {name: pages for name, pages in sections.items() if pages or not name}
    theirs = [page for pages in sections.values() for page in pages]
    sections[""] += [_elsewhere(page, theirs) for page in PAGES if not actor.may(page.permission)]
    chosen = st.navigation(sections, position="top")
    session_state.arrive(chosen.url_path)
    _mark_section(chosen.url_path)
    if chosen in theirs:
        titles = {page.path: page.title for page in PAGES}
        configure_page(titles[f"/{chosen.url_path}"])
    return chosen


def _mark_section(page: str) -> None:
    """Mark the menu in which the page is: Streamlit marks its link alone, which is folded away."""
    in_menu = page in {one.name for one in SECTIONS[MORE]}
    marked = "background: var(--desk-chosen-tint); border-radius: 6px" if in_menu else ""
    colour = "color: var(--desk-chosen)" if in_menu else ""
    section = '[data-testid="stTopNavSection"]'
    st.html(f"<style>{section} {{ {marked} }} {section} * {{ {colour} }}</style>")


def _title(page: DeskPage, actor: Actor) -> str:
    """The page's title; code, which is drawn as a badge, counts what waits for a person."""
    if page is not NEEDS_REVIEW or not actor.may(page.permission):
        return page.title
    desk = current_desk()
    waiting = _count_to_review(desk, actor, desk.store.committed_head)
    return f"{page.title} `{waiting}`" if waiting else page.title


@st.cache_data(
    ttl=_COUNT_SECONDS,
    max_entries=10,
    show_spinner=False,
    # The same for all who may see it.
    hash_funcs={Desk: lambda desk: id(desk.store), Actor: lambda _: 0},
)
def _count_to_review(desk: Desk, actor: Actor, acted: Head | None) -> int:
    """How many wait. `acted` is the last act here: after another one the count is a new one."""
    del acted
    return count_to_review(desk.store, actor, desk.now())


def _elsewhere(page: DeskPage, theirs: list[StreamlitPage]) -> StreamlitPage:
    """At the address of a page that is not theirs: the first page that is.

    Without it Streamlit would draw "Page not found".
    """

    def start() -> None:
        """Go to the first page that they may open."""
        if theirs:
            at_start = st.query_params.to_dict() if page is PAGES[0] else {}
            st.switch_page(theirs[0], query_params=at_start)
        st.error("You don't have access to any page. Ask an administrator for a role.")

    return st.Page(
        start,
        title=company_name(),
        url_path=page.name,
        default=page is PAGES[0],
        visibility="hidden",
    )
