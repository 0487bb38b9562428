"""How the hosted pages look: plain HTML without scripts, on which nothing comes from elsewhere."""

from dataclasses import dataclass
from html import escape
from typing import Final

HEADERS: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    # A form's answer may redirect to another site, which `form-action` would forbid.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_STYLE = """
body { margin: 0; background: #f6f8fa; color: #1a1f36; font: 16px/1.5 system-ui, sans-serif }
main { max-width: 26rem; margin: 2rem auto; padding: 1.5rem; background: #fff; border-radius: 8px }
label { display: block; margin: .75rem 0 .25rem }
input { box-sizing: border-box; width: 100%; padding: .5rem; font: inherit }
button { width: 100%; margin-top: 1rem; padding: .6rem; font: inherit; color: #fff;
  background: #4b3fd1; border: 0; border-radius: 6px }
button.other { color: #1a1f36; background: #e3e8ee }
table { width: 100%; border-collapse: collapse } td:last-child { text-align: right }
.problem { padding: .5rem; color: #8a1f11; background: #fdeeec } .note { color: #556 }
"""


@dataclass(frozen=True)
class Page:
    """What a browser gets: HTML, or a redirect to `location`."""

    status: int
    html: str = ""
    location: str | None = None


def page(title: str, body: str, *, status: int = 200, problem: str | None = None) -> Page:
    """A whole page. `body` is HTML; the rest is text."""
    alert = f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else ""
    return Page(
        status,
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f'<body><main><p class="note">Simulated Stripe: test cards only</p>'
        f"<h1>{escape(title)}</h1>{alert}{body}</main></body></html>",
    )


def not_found() -> Page:
    """There is no such page, or it is there no more."""
    return page("Not found", "<p>This page is not there any more.</p>", status=404)


def rows(pairs: list[tuple[str, str]]) -> str:
    """A table of names and values, both text."""
    cells = "".join(f"<tr><td>{escape(one)}</td><td>{escape(two)}</td></tr>" for one, two in pairs)
    return f"<table>{cells}</table>"
