"""Search: Stripe's query language over objects that are at least a minute old.

Stripe docs, "Search": clauses are joined by AND or by OR, never both; `-` negates one; new objects
are found after less than a minute under normal operation.
"""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cardpay.sandbox.http.api_errors import InvalidParameter
from cardpay.sandbox.http.parameter_validation import EXPAND, integer, string
from cardpay.sandbox.state.account_state import Call, State
from cardpay.sandbox.state.sqlite_store import Json

VISIBLE_AFTER_SECONDS = 60
FIELDS = {
    "expand": EXPAND,
    "limit": integer(minimum=1, maximum=100),
    "page": string(),
    "query": string(),
}
_CLAUSE = re.compile(
    r"""\s*(?P<not>-)?(?P<field>\w+)(\[["'](?P<key>[^"']*)["']\])?"""
    r"""(?P<sign>:|~|>=|<=|>|<)(?P<value>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[\w.-]+)\s*"""
)
_JOIN = re.compile(r"(AND|OR|and|or)\b")

_COMPARE: Mapping[str, Callable[[Any, int], Any]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
}  # fmt: skip


@dataclass(frozen=True)
class _Clause:
    field: str
    key: str | None  # of the metadata
    sign: str
    value: str
    negated: bool

    def matches(self, resource: Json) -> bool:
        found = resource.get(self.field)
        if self.key is not None:
            found = (found or {}).get(self.key)
        return self._holds(found) is not self.negated

    def _holds(self, found: Any) -> bool:
        if self.value == "null":
            return found is None
        if found is None:
            return False
        if self.sign == "~":
            return self.value.lower() in str(found).lower()
        if self.sign == ":":
            return str(found).lower() == self.value.lower()
        return bool(_COMPARE[self.sign](found, int(self.value)))


def endpoint(kind: str, searchable: tuple[str, ...]) -> Callable[[State, Call], Json]:
    """The endpoint `GET /v1/{kind}s/search` over these fields."""

    def run(state: State, call: Call) -> Json:
        clauses, every = _read(call.params["query"], searchable)
        join = all if every else any
        until = state.seconds() - VISIBLE_AFTER_SECONDS
        rows = state.store.objects(kind, until)
        found = [one for one in rows if join(clause.matches(one) for clause in clauses)]
        return _page(found, call.params, f"/v1/{kind}s/search")

    return run


def _page(found: list[Json], params: Mapping[str, Any], url: str) -> Json:
    start = int(params.get("page", "0"))
    end = start + params.get("limit", 10)
    more = len(found) > end
    return {
        "object": "search_result",
        "data": found[start:end],
        "has_more": more,
        "next_page": str(end) if more else None,
        "url": url,
    }


def _read(query: str, searchable: tuple[str, ...]) -> tuple[list[_Clause], bool]:
    """The clauses, and whether all of them have to match. Raises InvalidParameter."""
    clauses: list[_Clause] = []
    joins: set[str] = set()
    place = 0
    while place < len(query):
        if clauses:
            join = _JOIN.match(query, place)
            if join is None:
                break
            joins.add(join[1].upper())
            place = join.end()
        found = _CLAUSE.match(query, place)
        if found is None or found["field"] not in searchable:
            break
        value = found["value"]
        quoted = value[0] in "\"'"
        clauses.append(
            _Clause(found["field"], found["key"], found["sign"],
                    re.sub(r"\\(.)", r"\1", value[1:-1]) if quoted else value,
                    bool(found["not"]))
        )  # fmt: skip
        place = found.end()
    if place < len(query) or not clauses or len(joins) > 1:
        raise InvalidParameter(
            f"We were unable to parse your search query: {query}. Fields that can be searched"
            f" are: {', '.join(searchable)}.",
            param="query",
        )
    return clauses, joins != {"OR"}
