"""Other software of the same purpose, installed for comparison: never a part of the product.

Each is put once into a cache outside the tree, by npm and pip, in the versions named here.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

STRIPE_TYPES = ("stripe@23.1.0", "typescript@5.9.3")
SYNC_ENGINE = ("@supabase/stripe-sync-engine@0.48.5", "stripe@20")
DJ_STRIPE = ("dj-stripe==2.11.0", "gunicorn==27.0.1", "psycopg[binary]==3.3.9")

DUCKDB = ("duckdb==2.0.1",)


def default_cache() -> Path:
    """`$XDG_CACHE_HOME/cardpay-benchmarks`."""
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "cardpay-benchmarks"


def sync_engine(cache: Path) -> Path:
    """The folder `node_modules` that holds it."""
    return _from_npm(cache / "sync-engine", SYNC_ENGINE)


def stripe_types(cache: Path) -> Path:
    """The folder `node_modules` that holds stripe-node and the TypeScript that reads its types."""
    return _from_npm(cache / "stripe-types", STRIPE_TYPES)


def dj_stripe(cache: Path) -> Path:
    """The folder `bin` of its virtual environment."""
    return _from_pip(cache / "dj-stripe", DJ_STRIPE)


def duckdb(cache: Path) -> Path:
    """The folder `bin` of its virtual environment."""
    return _from_pip(cache / "duckdb", DUCKDB)


def _from_pip(folder: Path, wanted: tuple[str, ...]) -> Path:
    if _is_new(folder, wanted):
        run(sys.executable, "-m", "venv", str(folder), cwd=folder.parent)
        run(str(folder / "bin" / "pip"), "install", "--quiet", *wanted, cwd=folder)
        _done(folder, wanted)
    return folder / "bin"


def _from_npm(folder: Path, wanted: tuple[str, ...]) -> Path:
    if _is_new(folder, wanted):
        (folder / "package.json").write_text('{"private": true}\n', encoding="utf-8")
        run("npm", "install", "--silent", "--no-audit", "--no-fund", *wanted, cwd=folder)
        _done(folder, wanted)
    return folder / "node_modules"


def _is_new(folder: Path, wanted: tuple[str, ...]) -> bool:
    """Whether it still has to be installed; then `folder` is there and empty."""
    stamp = folder / "installed"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == "\n".join(wanted):
        return False
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    return True


def _done(folder: Path, wanted: tuple[str, ...]) -> None:
    (folder / "installed").write_text("\n".join(wanted), encoding="utf-8")


def run(*command: str, cwd: Path, **settings: str) -> None:
    """A command of theirs, to its end; CalledProcessError. What it says goes to stderr."""
    environment = {**os.environ, **settings}
    subprocess.run(command, cwd=cwd, env=environment, check=True, stdout=sys.stderr)
