"""A receipt as a page of its own, to be printed: A4, black on white, with nothing else."""

import base64
import re
from collections.abc import Iterable
from html import escape
from typing import Final

from cardpay.exports.receipts.receipt_sheet import Sheet, Sum

PRINT_SCRIPT: Final = 'addEventListener("load", () => print());\n'
"""Opens the browser's print dialog. A file, since the desk's pages may run no inline script."""
PRINT_SCRIPT_PATH: Final = "/receipts/print.js"
"""Its address."""

_PLAIN: Final = re.compile(r"[\w ]*", re.ASCII)
_STYLE: Final = """
@page { size: A4; margin: 19mm; FOOT }
* { box-sizing: border-box; }
body { margin: 0; background: #fff; color: #000; font: 14px/20px "Source Sans 3", "Noto Sans",
  Arial, sans-serif; font-variant-numeric: tabular-nums; }
main { max-width: 172mm; margin: 0 auto; overflow-wrap: anywhere; }
header { display: flex; justify-content: space-between; gap: 24px; margin-bottom: 48px; }
.name { display: flex; align-items: flex-start; gap: 12px;
  font-size: 18px; line-height: 28px; font-weight: 600; }
.name img { max-height: 45px; max-width: 227px; filter: grayscale(1); }
address { font-style: normal; color: #444; text-align: right; }
h1 { font-size: 24px; line-height: 32px; font-weight: 600; margin: 0 0 16px; }
.warning { font-weight: 600; margin: 0 0 16px; }
dl { display: grid; grid-template-columns: repeat(3, 1fr); gap: 24px; margin: 0 0 32px; }
dt { font-weight: 600; }
dd { margin: 0; text-align: left; }
table { width: 100%; border-collapse: collapse; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th { font-weight: 600; border-bottom: 1.5px solid #000; }
td { border-bottom: 1px solid #bbb; }
tbody tr:last-child td { border-bottom: 1.5px solid #000; }
th, td { padding: 7px 0 7px 16px; text-align: right; white-space: nowrap; }
th:first-child, td:first-child { padding-left: 0; text-align: left; white-space: normal; }
.sums { width: 312px; margin: 12px 0 0 auto; }
.sums div { display: flex; justify-content: space-between; gap: 16px; padding: 4px 0;
  break-inside: avoid; }
.sums bdi:last-child { white-space: nowrap; }
.sums .total { border-top: 1.5px solid #000; margin-top: 8px; padding-top: 10px; font-size: 20px;
  line-height: 28px; font-weight: 600; }
.closing { margin: 48px 0 0; }
@media screen { body { padding: 72px 24px; } }
"""
_PAGES: Final = 'content: "Page " counter(page) " of " counter(pages);'
_SMALL: Final = (
    "font: 12px 'Source Sans 3', 'Noto Sans', Arial, sans-serif; border-top: 1px solid #bbb; "
    "padding-top: 8px; vertical-align: top;"
)


def printed_receipt(sheet: Sheet, script: str = "") -> str:
    """The page's HTML. `script` is the address of PRINT_SCRIPT, if the page is to print itself."""
    title = escape(f"{sheet.title} {sheet.number}")
    facts = "".join(
        f"<div><dt>{escape(heading)}</dt>{_each('dd', lines)}</div>"
        for heading, lines in sheet.facts
    )
    rows = "".join(f"<tr>{_each('td', row)}</tr>" for row in sheet.rows)
    warning = f'<p class="warning">{escape(sheet.warning)}</p>' if sheet.warning else ""
    closing = f'<p class="closing">{escape(sheet.closing)}</p>' if sheet.closing else ""
    letterhead = "<br>".join(f"<bdi>{escape(line)}</bdi>" for line in sheet.letterhead)
    loaded = f'<script src="{escape(script)}" defer></script>' if script else ""
    return (
        f'<!doctype html><html lang="en-GB"><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE.replace('FOOT', _foot(sheet.foot))}</style>{loaded}<main>"
        f'<header><div class="name">{_logo(sheet.logo)}<bdi>{escape(sheet.name)}</bdi></div>'
        f"<address>{letterhead}</address></header>"
        f"<h1>{escape(sheet.title)}</h1>{warning}<dl>{facts}</dl>"
        f"<table><thead><tr>{_each('th', sheet.headings)}</tr></thead>"
        f"<tbody>{rows}</tbody></table>"
        f'<div class="sums">{_sums(sheet.sums)}{_sum(sheet.total, "total")}{_sums(sheet.after)}'
        f"</div>{closing}</main></html>"
    )


def _each(tag: str, texts: Iterable[str]) -> str:
    scope = ' scope="col"' if tag == "th" else ""
    return "".join(f'<{tag}{scope} dir="auto">{escape(text)}</{tag}>' for text in texts)


def _sums(sums: Iterable[Sum]) -> str:
    return "".join(_sum(one) for one in sums)


def _sum(one: Sum, kind: str = "") -> str:
    return (
        f'<div class="{kind}"><bdi>{escape(one.label)}</bdi><bdi>{escape(one.amount)}</bdi></div>'
    )


def _foot(text: str) -> str:
    """The foot of each printed page; a text that CSS could misread is left out."""
    left = text if _PLAIN.fullmatch(text) else ""
    return (
        f'@bottom-left {{ content: "{left}"; {_SMALL} width: 75%; }} '
        f"@bottom-right {{ {_PAGES} {_SMALL} width: 25%; }}"
        # In these, the browser would print the time, the title and the address.
        ' @top-left { content: ""; } @top-center { content: ""; } @top-right { content: ""; }'
    )


def _logo(logo: bytes) -> str:
    if not logo:
        return ""
    kind = "png" if logo.startswith(b"\x89PNG") else "jpeg"
    return f'<img alt="" src="data:image/{kind};base64,{base64.b64encode(logo).decode()}">'
