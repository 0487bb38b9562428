"""`python -m tests.install.renew`: compile both requirements.txt from pyproject.toml.

Versions stay as they are where they still fit; with `--upgrade` each becomes the newest that fits.
There are no hashes: with one of them, pip wants one of everything, and refuses the card form,
which is a folder and not a file.
"""

import argparse
import hashlib
import json
import subprocess
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import uv

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "requirements.txt"
TESTS = ROOT / "tests" / "requirements.txt"
_WHAT = "Compile both requirements.txt from pyproject.toml."


def pyproject() -> dict[str, Any]:
    """Where the direct dependencies stand."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def header() -> str:
    """What both files begin with: another hash as soon as a direct dependency is another."""
    declared = pyproject()
    source = [
        declared["project"]["requires-python"],
        declared["project"]["dependencies"],
        declared["dependency-groups"],
        declared["tool"]["uv"],
    ]
    digest = hashlib.sha256(json.dumps(source).encode()).hexdigest()[:16]
    return (
        "# Compiled from pyproject.toml: change that, then run `python -m tests.install.renew`.\n"
        f"# Dependencies there when this was compiled: {digest}\n"
    )


def _compile(file: Path, *options: str) -> None:
    """One version of everything, for every Python and system that the project runs on."""
    oldest = pyproject()["project"]["requires-python"].removeprefix(">=")
    command = [uv.find_uv_bin(), "pip", "compile", "--quiet", "--universal", "--no-header"]
    command += [f"--python-version={oldest}", "--fork-strategy=fewest", "--annotation-style=line"]
    command += [f"--output-file={file}", *options]
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)


def main(arguments: list[str] | None = None) -> None:
    """Write both files; the tests get the versions that the app has.

    `arguments` are the command line's if None.
    """
    parser = argparse.ArgumentParser("python -m tests.install.renew", description=_WHAT)
    parser.add_argument(
        "--upgrade", action="store_true", help="the newest version of each that fits"
    )
    options = ["--upgrade"] if parser.parse_args(arguments).upgrade else []
    _compile(APP, "pyproject.toml", *options)
    lines = APP.read_text(encoding="utf-8").splitlines(keepends=True)
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as versions:
        # An editable package is no constraint.
        versions.writelines(line for line in lines if not line.startswith("-e"))
        versions.flush()
        _compile(TESTS, "--group=tests", f"--constraints={versions.name}", *options)
        compiled = TESTS.read_text(encoding="utf-8").replace(versions.name, APP.name)
    APP.write_text(header() + "".join(lines), encoding="utf-8")
    TESTS.write_text(header() + compiled, encoding="utf-8")


if __name__ == "__main__":
    main()
