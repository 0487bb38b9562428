"""Parses form encoding with brackets, which Stripe's v1 API uses.

Lists become mappings with numbers as keys, because only the type of a parameter tells whether
`name[0]` is an element of a list or a key.
"""

import re
from typing import TypeAlias
from urllib.parse import parse_qsl

from cardpay.sandbox.http.api_errors import InvalidParameter

Raw: TypeAlias = "str | dict[str, Raw]"

# Deeper than any parameter of Stripe's; what reads them goes down by calling itself.
_DEEPEST = 20
_NAME = re.compile(rf"^([^\[\]]+)((?:\[[^\[\]]*\]){{0,{_DEEPEST}}})$")


def parse(text: str) -> dict[str, Raw]:
    """`a[b]=1&c[]=2` as `{"a": {"b": "1"}, "c": {"0": "2"}}`. Raises InvalidParameter."""
    root: dict[str, Raw] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        match = _NAME.match(name)
        if match is None:
            raise InvalidParameter(f"Invalid parameter name: {name}", param=name)
        path = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
        node = root
        for step in path[:-1]:
            below = node.setdefault(step or str(len(node)), {})
            if not isinstance(below, dict):
                raise InvalidParameter(f"Invalid hash: {name}", param=name)
            node = below
        node[path[-1] or str(len(node))] = value
    return root
