"""The proxy's configuration that the documentation has is the one that is tested."""

import subprocess
from pathlib import Path

from tests.support.processes.nginx import DOCUMENTED, configured, program
from tests.support.processes.servers import ROOT


def test_the_configuration_is_documented() -> None:
    """A link leads to the file from which the tests make theirs."""
    text = (ROOT / "docs" / "going-live.md").read_text(encoding="utf-8")
    assert f"]({DOCUMENTED.name})" in text


def test_nginx_takes_the_configuration(tmp_path: Path) -> None:
    """With other ports, another host and a certificate; before a release nginx must be there."""
    whole = configured(tmp_path, 8443, 8080, (8501, 8502))
    found = program()
    if found is not None:
        command = [found, "-t", "-p", str(tmp_path), "-c", str(whole)]
        tried = subprocess.run(command, check=False, capture_output=True, text=True)
        assert tried.returncode == 0, tried.stderr
