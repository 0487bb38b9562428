"""Saved views of the list of payments: pills that set the filters, and the form that saves one."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.view_rules import KEPT, SHARED_WITH, VIEW_NAME, TypedView, View
from cardpay.domain.business_days import Period, days_of
from cardpay.reporting.payments.payments_list import SortedBy
from cardpay.services import saved_views
from cardpay.services.desk import Desk
from components.frame import address
from components.frame.session_state import uninterrupted
from components.payments.payment_filters import clear_filters
from components.widgets.dialogs import ask_in_place
from components.widgets.messages import message_box, run_and_show_result, show_result, small_text
from components.widgets.period_fields import prefer_period, shown_period
from components.widgets.plain_text import plain
from components.widgets.text_fields import refuse_masked, text_field

_OPENED: Final = "views.opened"
_PILLS: Final = "views.pills"
_NAME: Final = "views.name"
_ROLE: Final = "views.role"
_PANEL: Final = "views"
_SAVED: Final = "views.saved"
_ADDRESS: Final = KEPT - {"period"}
# What the list has without a word in the address.
_USUAL: Final = {"sort": (str(SortedBy.NEWEST),), "rows": ("25",)}


def open_view(desk: Desk, actor: Actor, today: date) -> None:
    """Set the filters, before they are drawn, to the view that a link names.

    Without anything in the address it is the person's own first, once for each coming to the list.
    """
    is_named, is_plain = address.is_new(("view",)), not st.query_params.to_dict()
    begins = not st.session_state.get(_OPENED)
    st.session_state[_OPENED] = True
    if not is_named and not (begins and is_plain):
        return
    named = st.query_params.get("view")
    for view in saved_views.saved_views(desk, actor):
        if view.view_id == named if is_named else view.is_first:
            _apply(view, today)
            return
    if is_named:
        address.put("view", [])
        message_box("info", "This view was deleted, or is not shared with you.")


def open_first_again() -> None:
    """For whoever comes to the list from another page, as at first."""
    st.session_state[_OPENED] = False


def view_pills(desk: Desk, actor: Actor, today: date) -> None:
    """Draw the views, one's own first; the one that the filters are is marked, and can be changed.

    To be called when all fields are drawn.
    """
    views = {view.view_id: view for view in saved_views.saved_views(desk, actor)}
    shown = _shown(list(views.values()), today)
    address.put("view", [shown.view_id] if shown else [])
    show_result(_PANEL)
    if not views:
        return
    labels = _labels(list(views.values()))
    st.session_state[_PILLS] = shown.view_id if shown else None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.pills(
            "Saved views",
            list(views),
            format_func=labels.__getitem__,
            key=_PILLS,
            label_visibility="collapsed",
            on_change=uninterrupted(_press),
            args=(views, today),
        )
        if shown:
            _changes(desk, actor, shown)


def save_view_form(desk: Desk, actor: Actor) -> None:
    """Draw the button "Save view" and the form that is behind it."""

    def save() -> tuple[str, str]:
        refuse_masked({_NAME: VIEW_NAME})
        typed = TypedView(
            str(st.session_state.get(_NAME) or ""), _current(), st.session_state.get(_ROLE)
        )
        saved_views.save_view(desk, actor, typed)
        return "success", "View saved"

    with st.popover("Save view", icon=":material/bookmark_add:", key="views.form"):
        text_field(VIEW_NAME, _NAME)
        st.selectbox(
            "Who sees it",
            [None, *SHARED_WITH],
            format_func=lambda role: f"Everyone with the role {role}" if role else "Only me",
            key=_ROLE,
        )
        small_text("The filters and the order are saved, the search is not.")
        st.button(
            "Save",
            key="views.save",
            on_click=uninterrupted(run_and_show_result),
            args=(_SAVED, save),
        )
        show_result(_SAVED)


def _changes(desk: Desk, actor: Actor, view: View) -> None:
    """What can be done to the view that is shown."""

    def begin_with() -> tuple[str, str]:
        saved_views.open_first(desk, actor, None if view.is_first else view.view_id)
        return "success", "All payments open first" if view.is_first else "This view opens first"

    def delete() -> None:
        def deleted() -> tuple[str, str]:
            saved_views.delete_view(desk, actor, view.view_id)
            return "success", "View deleted"

        run_and_show_result(_PANEL, deleted)

    if view.is_own:
        st.button(
            "Don't open first" if view.is_first else "Open first",
            key="views.first",
            on_click=uninterrupted(run_and_show_result),
            args=(_PANEL, begin_with),
        )
    if view.may_delete:
        question = f"Delete the view {view.name}?"
        ask_in_place("Delete view", f"view.{view.view_id}", question, "Delete", delete)


def _labels(views: Sequence[View]) -> dict[str, str]:
    """By id, each once: Streamlit tells pills apart by what they show."""
    labels: dict[str, str] = {}
    for view in views:
        label = plain(view.name if view.is_own else f"{view.name} ({view.role})")
        while label in labels.values():
            label += " ·"
        labels[view.view_id] = label
    return labels


def _press(views: Mapping[str, View], today: date) -> None:
    """The pills' callback; the one that is marked, pressed again, is shown as it was."""
    pressed = st.session_state[_PILLS]
    if pressed is not None:
        _apply(views[pressed], today)


def _apply(view: View, today: date) -> None:
    clear_filters()
    if period := _period(view):
        prefer_period(period)
    address.follow(_ADDRESS, {**_USUAL, **_in_address(view, today)})
    address.put("view", [view.view_id])


def _period(view: View) -> Period | None:
    return next(
        (Period(one) for one in view.parameters.get("period", ()) if one in list(Period)), None
    )


def _in_address(view: View, today: date) -> dict[str, tuple[str, ...]]:
    """The view's parameters, with the days that its period means today."""
    found = {name: values for name, values in view.parameters.items() if name in _ADDRESS}
    if period := _period(view):
        first, last = days_of(period, today).closed()
        found |= {"from": (first.isoformat(),), "to": (last.isoformat(),)}
    return found


def _current() -> dict[str, tuple[str, ...]]:
    """What the address says of the list, its days by name where they have one."""
    found = {name: tuple(st.query_params.get_all(name)) for name in _ADDRESS}
    if period := shown_period():
        found |= {"from": (), "to": (), "period": (period,)}
    return {name: values for name, values in found.items() if values}


def _shown(views: Sequence[View], today: date) -> View | None:
    """The view that the fields hold; of several the one that was opened."""
    now = {name: sorted(given) for name in _ADDRESS if (given := st.query_params.get_all(name))}
    same = [
        view
        for view in views
        if now == {name: sorted(values) for name, values in _in_address(view, today).items()}
    ]
    opened = st.query_params.get("view")
    return next((view for view in same if view.view_id == opened), next(iter(same), None))
