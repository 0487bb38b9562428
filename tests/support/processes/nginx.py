"""nginx with the documented configuration, on ports of the tests' own."""

import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.processes.servers import ROOT, free_port
from tests.support.processes.waiting import wait_for

DOCUMENTED = ROOT / "docs" / "nginx.conf"
_HOST = "127.0.0.1"
# Everything that belongs to a server as a whole, and that Debian's own nginx.conf has too.
_AROUND = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    log_format served '$upstream_addr $status $request_uri $cookie_cardpay_browser';
    access_log {folder}/access.log served;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/cardpay.conf;
}}
"""


@dataclass(frozen=True)
class Nginx:
    """A running one. `served` says which process answered what, for which browser."""

    url: str
    plain_url: str
    folder: Path

    def served(self) -> list[list[str]]:
        """Process, status, address and browser of each request that has ended."""
        lines = (self.folder / "access.log").read_text().splitlines()
        return [line.split(" ") for line in lines]


def program() -> str | None:
    """nginx, where it is installed; Debian has it where only root looks."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def configured(folder: Path, port: int, plain_port: int, desks: Sequence[int]) -> Path:
    """The documented configuration with our ports, host and certificate in place of its own."""
    text = DOCUMENTED.read_text(encoding="utf-8")
    for said, ours in (
        ("127.0.0.1:8501", f"127.0.0.1:{desks[0]}"),
        ("127.0.0.1:8502", f"127.0.0.1:{desks[1]}"),
        ("listen 80;", f"listen {_HOST}:{plain_port};"),
        ("listen 443 ssl", f"listen {_HOST}:{port} ssl"),
        ("https://desk.example.com$", f"https://{_HOST}:{port}$"),
        ("/etc/ssl/desk.example.com", f"{folder}/desk"),
        ("desk.example.com", _HOST),
    ):
        assert said in text, f"docs/nginx.conf has no {said}"
        text = text.replace(said, ours)
    _certify(folder)
    (folder / "cardpay.conf").write_text(text)
    whole = folder / "nginx.conf"
    whole.write_text(_AROUND.format(folder=folder))
    return whole


@contextmanager
def serving(folder: Path, port: int, desks: Sequence[int]) -> Iterator[Nginx]:
    """nginx in front of two desks, by https on `port`."""
    found = program()
    assert found, "the tests of replicas need nginx: apt-get install nginx"
    plain_port = free_port()
    whole = configured(folder, port, plain_port, desks)
    process = subprocess.Popen([found, "-p", str(folder), "-c", str(whole)])
    try:
        wait_for(lambda: process.poll() is not None or _listens(port), "nginx does not listen")
        assert process.poll() is None, (folder / "error.log").read_text()
        yield Nginx(f"https://{_HOST}:{port}", f"http://{_HOST}:{plain_port}", folder)
    finally:
        process.terminate()
        process.wait()


def _listens(port: int) -> bool:
    try:
        socket.create_connection((_HOST, port), timeout=5).close()
    except OSError:
        return False
    return True


def _certify(folder: Path) -> None:
    """A certificate for this computer, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(_HOST))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    (folder / "desk.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "desk.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
