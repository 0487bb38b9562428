"""How Chromium is started, in the tests and in the benchmarks."""

import os
from pathlib import Path
from typing import Any

# A root user's Chromium has no sandbox of its own; the rest keeps it off the network.
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_DEBIANS = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")


def launch_arguments() -> dict[str, Any]:
    """Debian's Chromium where there is one, otherwise Playwright's own."""
    chosen: dict[str, Any] = {"args": list(_ARGUMENTS)}
    paths = (os.environ.get("CARDPAY_CHROMIUM", ""), *_DEBIANS)
    found = next((path for path in paths if Path(path).is_file()), None)
    if found:
        chosen["executable_path"] = found
    return chosen
