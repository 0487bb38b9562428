"""Form encoding with brackets, as Stripe's v1 API takes it.

Lists stay mappings with numbers for keys here: only the parameter's own type can tell
`metadata[0]` from `expand[0]`.
"""

import re
from typing import TypeAlias
from urllib.parse import parse_qsl

from cardpay.sandbox.http.api_errors import InvalidParameter

Raw: TypeAlias = "str | dict[str, Raw]"

_NAME = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")


def parse(text: str) -> dict[str, Raw]:
    """`a[b]=1&c[]=2` as `{"a": {"b": "1"}, "c": {"0": "2"}}`."""
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
