"""The desk as somebody gets it who clones the project and installs requirements.txt."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.processes import servers
from tests.support.processes.servers import ROOT, Server

_INSTALL_SECONDS = 600
_COMMAND_SECONDS = 120


@dataclass(frozen=True)
class Install:
    """A clone, and beside it an environment that has what requirements.txt names and no more."""

    clone: Path
    environment: Path

    def run(
        self, program: str, *arguments: str, **settings: str
    ) -> subprocess.CompletedProcess[str]:
        """A program of the environment, run in the clone with no settings but these."""
        return subprocess.run(
            [str(self.environment / "bin" / program), *arguments],
            cwd=self.clone,
            env=servers.environment(settings),
            capture_output=True,
            text=True,
            timeout=_INSTALL_SECONDS if program == "pip" else _COMMAND_SECONDS,
            check=False,
        )

    @contextmanager
    def app(self, folder: Path, port: int, **settings: str) -> Iterator[Server]:
        """`streamlit run app.py`; its log is in `folder`, its database where it is by default."""
        command = [str(self.environment / "bin" / "streamlit"), "run", "app.py"]
        command.append(f"--server.port={port}")
        with servers.serving(
            folder, "app", port, command, self.clone, up="/healthz", **settings
        ) as server:
            yield server


def install(folder: Path) -> Install:
    """The project's files alone, and `pip install -r requirements.txt` among them."""
    made = Install(folder / "clone", folder / "environment")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (made.clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, made.clone / name)
    subprocess.run([sys.executable, "-m", "venv", str(made.environment)], check=True)
    done = made.run("pip", "install", "--quiet", "-r", "requirements.txt")
    assert done.returncode == 0, done.stderr
    return made


def uninstall(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    """For this test and in this process, a package that Authlib or signing in needs is missing."""
    for name in [name for name in sys.modules if name.startswith("authlib.integrations")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
