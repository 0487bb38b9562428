"""requirements.txt is enough: a clone, an environment of its own, and all that the desk does."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name
from playwright.sync_api import Page, expect

from tests.install.renew import APP, TESTS
from tests.install.test_compiled import FORM, pinned
from tests.support.installs import Install, install
from tests.support.processes import servers
from tests.support.processes.identity_provider import identity_provider, sign_in
from tests.support.processes.servers import Server
from tests.support.screens.header import person
from tests.support.screens.take_payment_screen import TakePayment

# An installation takes longer than a hundred other tests. What is pinned: test_compiled.py.
pytestmark = pytest.mark.full

# They come with every environment of Python 3.11.
WITH_PYTHON = {"pip", "setuptools"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Install:
    """What `pip install -r requirements.txt` makes of an empty environment."""
    return install(tmp_path_factory.mktemp("install"))


@dataclass(frozen=True)
class Desk:
    """The demo with sign-in, as it runs, and its settings."""

    server: Server
    settings: dict[str, str]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, installed: Install) -> Iterator[Desk]:
    """`streamlit run app.py`; people sign in at a provider from the tests' own environment."""
    port = servers.free_port()
    with identity_provider(tmp_path_factory.mktemp("provider")) as provider:
        settings = provider.settings(port)
        with installed.app(tmp_path_factory.mktemp("desk"), port, **settings) as server:
            yield Desk(server, settings)


def test_it_has_what_is_pinned_and_no_more(installed: Install) -> None:
    """Each package in its one version: nothing was left for pip to choose."""
    listed = json.loads(installed.run("pip", "list", "--format=json").stdout)
    found = {canonicalize_name(one["name"]): one["version"] for one in listed}
    here = {name: version for name, version in pinned(APP).items() if name in found}
    assert found.keys() - WITH_PYTHON == here.keys() | {FORM}
    assert here.items() <= found.items()


def test_what_only_tests_need_is_not_there(installed: Install) -> None:
    """So nothing that follows can lean on it."""
    only_tests = pinned(TESTS).keys() - pinned(APP).keys()
    modules = [
        module
        for module, distributions in packages_distributions().items()
        if only_tests >= {canonicalize_name(name) for name in distributions}
    ]
    assert {"pytest", "playwright", "oidc_provider_mock", "greenlet"} <= set(modules)
    look = (
        "import sys; from importlib.util import find_spec; "
        "print([name for name in sys.argv[1:] if find_spec(name)])"
    )
    assert installed.run("python", "-c", look, *modules).stdout == "[]\n"


def test_a_payment_is_taken_and_exported(page: Page, desk: Desk, tmp_path: Path) -> None:
    """By somebody who signed in, in Chromium."""
    screen = TakePayment(page, desk.server.url)
    page.goto(desk.server.url)
    sign_in(page, "everything")
    screen.pay_button.wait_for()
    reference = screen.fill_order()
    screen.pay()
    screen.expect_status("Succeeded")
    page.goto(f"{desk.server.url}/payments")
    page.get_by_role("button", name="Export").click()
    page.get_by_role("radio", name="CSV").click()
    page.get_by_role("button", name="Create file").click()
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download", exact=True).click()
    file = tmp_path / "payments.csv"
    downloading.value.save_as(file)
    read = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
    assert reference in {row["Order reference"] for row in read}
    expect(person(page)).to_be_visible()


@pytest.mark.parametrize("command", ["migrate", "reconcile", "doctor"])
def test_a_command_works(installed: Install, desk: Desk, command: str) -> None:
    """Beside the desk, on its database."""
    done = installed.run("python", "-m", "cardpay", command, **desk.settings)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stdout + done.stderr
