"""`GET /v1/…/search`: Stripe's query language over the fields that Stripe documents.

Stripe docs, "Search": data is searchable in less than a minute, so that what was created in the
last minute is not found here. Conditions are joined by AND or by OR, not by both. Newest first.
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cardpay.sandbox.http.api_errors import InvalidParameter
from cardpay.sandbox.http.parameter_validation import EXPAND, integer, is_number, string
from cardpay.sandbox.state.account_state import Call, State
from cardpay.sandbox.state.sqlite_store import Json, PageQuery

INDEXED_AFTER_SECONDS = 60
FIELDS = {"query": string(), "limit": integer(minimum=1, maximum=100), "page": string(),
          "expand": EXPAND}  # fmt: skip
_CARD = tuple(
    f"payment_method_details.card.{name}"
    for name in ("brand", "exp_month", "exp_year", "fingerprint", "last4")
)
# The fields of each kind that can be searched, besides metadata.
SEARCHABLE = {
    "charge": ("amount", "billing_details.address.postal_code", "created", "currency", "customer",
               "disputed", *_CARD, "refunded", "status"),
    "customer": ("created", "email", "name", "phone"),
    "payment_intent": ("amount", "created", "currency", "customer", "status"),
}  # fmt: skip
_CONDITION = re.compile(
    r"""\s*(?P<not>-?)(?:metadata\[(?P<quote>["'])(?P<key>.+?)(?P=quote)\]|(?P<field>[a-z_0-9.]+))
    \s*(?P<sign>:|~|>=|<=|>|<)\s*(?P<value>"[^"]*"|'[^']*'|[^\s"']+)\s*""",
    re.VERBOSE,
)
_COMPARED = {">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le}
_JOIN = re.compile(r"(AND|OR)\b", re.IGNORECASE)


@dataclass(frozen=True)
class _Condition:
    path: tuple[str, ...]
    sign: str
    value: str | None
    negated: bool

    def holds(self, resource: Json) -> bool:
        found: Any = resource
        for step in self.path:
            found = found.get(step) if isinstance(found, dict) else None
        return self._matches(found) is not self.negated

    def _matches(self, found: Any) -> bool:
        if self.value is None or found is None:
            return self.value is None and found is None
        if self.sign == ":":
            text = str(found).lower() if isinstance(found, bool) else str(found)
            return text.lower() == self.value.lower()
        if self.sign == "~":
            return self.value.lower() in str(found).lower()
        return bool(_COMPARED[self.sign](found, float(self.value)))


def search(kind: str) -> Callable[[State, Call], Json]:
    """The endpoint `GET /v1/{kind}s/search`."""

    def run(state: State, call: Call) -> Json:
        conditions, every = _parse(kind, call.params["query"])
        indexed = (("lte", state.seconds() - INDEXED_AFTER_SECONDS),)
        found: list[Json] = []
        page, more = state.store.page(PageQuery(kind, limit=100, created=indexed))
        while page:
            found += [one for one in page if every(had.holds(one) for had in conditions)]
            after = page[-1]["id"]
            page, more = (
                state.store.page(PageQuery(kind, limit=100, created=indexed, after=after))
                if more
                else ([], False)
            )
        first, limit = _first(call), call.params.get("limit", 10)
        last = first + limit
        return {
            "object": "search_result",
            "data": found[first:last],
            "has_more": len(found) > last,
            "next_page": str(last) if len(found) > last else None,
            "url": f"/v1/{kind}s/search",
        }

    return run


def _first(call: Call) -> int:
    page = call.params.get("page", "0")
    if not is_number(page):
        raise InvalidParameter("Invalid page token.", param="page")
    return int(page)


def _parse(kind: str, query: str) -> tuple[list[_Condition], Callable[[Any], bool]]:
    """The conditions, and whether all of them have to hold or any. Raises InvalidParameter."""
    conditions: list[_Condition] = []
    joins: set[str] = set()
    place = 0
    while match := _CONDITION.match(query, place):
        conditions.append(_condition(kind, match))
        place = match.end()
        join = _JOIN.match(query, place)
        if join is None:
            break
        joins.add(join[1].upper())
        place = join.end()
    if place != len(query) or not conditions:
        raise _invalid(f"We were unable to parse your search query: {query}")
    if len(joins) > 1:
        raise _invalid("You can't use `AND` and `OR` in the same search query.")
    return conditions, any if joins == {"OR"} else all


def _condition(kind: str, match: re.Match[str]) -> _Condition:
    path = ("metadata", match["key"]) if match["key"] else tuple(match["field"].split("."))
    if not match["key"] and match["field"] not in SEARCHABLE[kind]:
        raise _invalid(f"Field `{match['field']}` is an unsupported search field.")
    value = match["value"]
    if match["sign"] in {">", "<", ">=", "<="} and not is_number(value):
        raise _invalid(f"Field `{match['field']}` is compared with a number: {value}")
    text = None if value == "null" else value.strip("\"'")
    return _Condition(path, match["sign"], text, bool(match["not"]))


def _invalid(message: str) -> InvalidParameter:
    return InvalidParameter(message, param="query")
