"""Retrieving and listing: the `GET` endpoints that most resources share."""

from collections.abc import Callable

from cardpay.sandbox.http.api_errors import InvalidParameter
from cardpay.sandbox.http.response_expansion import list_object
from cardpay.sandbox.state.account_state import Call, State
from cardpay.sandbox.state.sqlite_store import Json, PageQuery


def path(kind: str) -> str:
    """The path of a kind's list, such as `/v1/radar/early_fraud_warnings`."""
    return f"/v1/{kind.replace('.', '/')}s"


def retrieve(kind: str) -> Callable[[State, Call], Json]:
    """The endpoint `GET /v1/{kind}s/{id}`."""
    return lambda state, call: state.get(kind, call.object_id, "id")


def list_all(kind: str, *filters: str) -> Callable[[State, Call], Json]:
    """The endpoint `GET /v1/{kind}s`. `filters` are parameters named after an object's field."""
    return lambda state, call: list_page(state, list_query(state, call, kind, *filters))


def list_query(state: State, call: Call, kind: str, *filters: str) -> PageQuery:
    """The query of a list request. Raises ResourceMissing for a cursor of another kind."""
    params = call.params
    if "starting_after" in params and "ending_before" in params:
        raise InvalidParameter(
            "You may only specify one of these parameters: starting_after, ending_before.",
            code="parameters_exclusive",
            param="starting_after",
        )
    for cursor in ("starting_after", "ending_before"):
        if cursor in params:
            state.get(kind, params[cursor], cursor, in_url=False)
    return PageQuery(
        kind,
        limit=params.get("limit", 10),
        after=params.get("starting_after"),
        before=params.get("ending_before"),
        created=tuple(params.get("created", {}).items()),
        where=tuple((name, params[name]) for name in filters if name in params),
        types=tuple(params.get("types", ())),
    )


def list_page(state: State, query: PageQuery) -> Json:
    """The list object with the page of a query."""
    found, more = state.store.page(query)
    return list_object(found, path(query.kind), has_more=more)
