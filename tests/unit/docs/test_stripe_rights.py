"""Going live names every right that a restricted key needs."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
GATEWAY = ROOT / "cardpay" / "gateway"
_READS = {"retrieve", "list"}
_CALL = re.compile(r"_client\.v1\.([a-z_.]+)\.([a-z]+)\(")
_PATH = re.compile(r'"/v1/([a-z_/]+)"')
_WITHOUT_RIGHT = {"accounts"}  # CARDPAY_STRIPE_ACCOUNT names it


def plain(name: str) -> str:
    """One spelling of "balance_transactions", "Balance transactions" and "checkout.sessions"."""
    return re.sub("[^a-z]", "", name.lower())


def asked_of_stripe() -> tuple[set[str], set[str]]:
    """The resources that the gateway reads, and those that it writes."""
    reads: set[str] = set()
    writes: set[str] = set()
    for file in GATEWAY.glob("*.py"):
        source = file.read_text(encoding="utf-8")
        for resource, call in _CALL.findall(source):
            (reads if call in _READS else writes).add(plain(resource))
        reads |= {plain(path) for path in _PATH.findall(source)}
    return reads - _WITHOUT_RIGHT, writes


def test_a_key_with_these_rights_can_do_all_that_the_desk_does() -> None:
    """A right to write is one to read as well."""
    text = (ROOT / "docs" / "going-live.md").read_text(encoding="utf-8")
    stripe = text.partition("## Stripe")[2].partition("##")[0]
    named = {"write": "", "read": ""}
    for kind, names in re.findall(r"^- (write|read): (.+(?:\n  .+)*)", stripe, re.MULTILINE):
        named[kind] += plain(names) + " "
    reads, writes = asked_of_stripe()
    assert {"paymentintents", "invoicepayments"} <= reads
    assert {one for one in writes if one not in named["write"]} == set()
    assert {one for one in reads if one not in named["read"] + named["write"]} == set()
