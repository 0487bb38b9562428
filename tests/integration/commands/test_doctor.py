"""`python -m cardpay doctor`, as a process of its own."""

import json
import subprocess
from pathlib import Path

import pytest

from cardpay.domain.stripe_account import Mode, StripeAccount
from tests.integration.doctor.check_contexts import claim
from tests.integration.services.personal_data.stored_personal_data import rows_of
from tests.support.desks.worlds import World
from tests.support.processes import servers
from tests.support.processes.forked_processes import command
from tests.support.processes.identity_provider import IdentityProvider
from tests.support.processes.servers import ROOT, WEBHOOK_SECRET, StripeServer, app, free_port
from tests.support.processes.waiting import wait_for
from tests.support.secrets.secret_scan import scan_bytes

pytestmark = pytest.mark.one_database

# What must not be printed, beside what the scanner finds by itself.
SECRETS = {
    "CARDPAY_OIDC_CLIENT_SECRET": "provider-client-secret",
    "CARDPAY_OIDC_COOKIE_SECRET": "0123456789abcdef0123456789abcdef",
}
_PASSWORD = "t0p-s3cret"


def doctor(*options: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """The command, run where the app is."""
    return doctor_in(ROOT, *options, **settings)


def doctor_in(folder: Path, *options: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """The command; it wrote no secret and no traceback."""
    done = command("doctor", *options, settings=settings, folder=folder)
    said = done.stdout + done.stderr
    assert list(scan_bytes(said.encode())) == []
    assert [secret for secret in (*SECRETS.values(), _PASSWORD) if secret in said] == []
    assert "Traceback" not in said
    return done


def levels(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """Each check's level."""
    return {f"{one['group']} {one['check']}": one["level"] for one in json.loads(done.stdout)}


@pytest.fixture
def healthy(
    world: World, database_url: str, stripe: StripeServer, provider: IdentityProvider
) -> dict[str, str]:
    """A desk in test mode where all is as it should be but for TLS and a comparison."""
    claim(world.desk.store, StripeAccount(Mode.TEST, stripe.account_id(), livemode=False))
    return {
        **servers.with_keys(),
        **provider.settings(free_port()),
        **SECRETS,
        "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "CARDPAY_STRIPE_API_BASE": stripe.url,
        "CARDPAY_DATABASE_URL": database_url,
    }


def test_a_healthy_desk(healthy: dict[str, str], world: World) -> None:
    """No FAIL is exit code 0; a WARN is 1 with --strict; nothing was written."""
    before = rows_of(world.desk.store)
    done = doctor("--json", **healthy)
    found = levels(done)
    assert {name for name, level in found.items() if level == "FAIL"} == set()
    assert {name for name, level in found.items() if level == "WARN"} >= {"Sign-in TLS"}
    assert {"Stripe account", "Database account", "Sign-in issuer", "Webhooks secret"} <= {
        name for name, level in found.items() if level == "OK"
    }
    assert done.returncode == 0
    assert doctor("--strict", **healthy).returncode == 1
    assert rows_of(world.desk.store) == before


def test_it_is_written_for_people(healthy: dict[str, str]) -> None:
    """Groups, levels, what to do, and a line that counts them; no line is too wide."""
    done = doctor(**healthy)
    lines = done.stdout.splitlines()
    assert lines[0] == "Settings"
    assert "  OK    settings        They fit together." in lines
    assert any(line.startswith("  WARN  TLS ") for line in lines)
    assert any(line.lstrip().startswith("→ ") for line in lines)
    assert lines[-1].endswith(" OK, 2 WARN, 0 FAIL")
    assert max(len(line) for line in lines) < 100
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("changed", "failing"),
    [
        pytest.param(
            {"CARDPAY_STRIPE_API_BASE": "http://127.0.0.1:9"}, "Stripe reach", id="no Stripe"
        ),
        pytest.param({"STRIPE_PUBLISHABLE_KEY": ""}, "Stripe keys", id="half the keys"),
        pytest.param(
            {"CARDPAY_OIDC_ISSUER": "http://127.0.0.1:9"}, "Sign-in issuer", id="no provider"
        ),
        pytest.param({"CARDPAY_OIDC_ROLES": "king"}, "Sign-in sign-in", id="no roles"),
        pytest.param({"CARDPAY_TIME_ZONE": "Mars/Olympus"}, "Settings settings", id="settings"),
        pytest.param(
            {"CARDPAY_DATABASE_URL": f"postgresql://u:{_PASSWORD}@127.0.0.1:9/desk"},
            "Database reachable",
            id="no database",
        ),
        pytest.param(
            {"CARDPAY_STRIPE_ACCOUNT": "acct_other"}, "Stripe account", id="another account"
        ),
    ],
)
def test_one_thing_wrong(healthy: dict[str, str], changed: dict[str, str], failing: str) -> None:
    """That one fails, the exit code is 1, and what does not depend on it is well."""
    done = doctor("--json", **{**healthy, **changed})
    assert done.returncode == 1
    assert {name for name, level in levels(done).items() if level == "FAIL"} == {failing}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        pytest.param({"CARDPAY_READ_BUDGET": "many"}, "CARDPAY_READ_BUDGET is not", id="type"),
        pytest.param({"CARDPAY_SIGN_IN": "password"}, "CARDPAY_SIGN_IN is not", id="choice"),
    ],
)
def test_settings_that_cannot_be_read(changed: dict[str, str], words: str) -> None:
    """Nothing else is looked at, and it is said."""
    done = doctor(**changed)
    assert done.returncode == 1
    assert words in done.stdout
    assert "nothing else was looked at" in done.stdout
    assert done.stdout.endswith("0 OK, 0 WARN, 1 FAIL\n")
    assert json.loads(doctor("--json", **changed).stdout)[0]["level"] == "FAIL"


def test_an_env_file_that_is_no_text(tmp_path: Path) -> None:
    """A sentence, as for everything."""
    (tmp_path / ".env").write_bytes(b"\xff\xfe\x00STRIPE")
    done = doctor_in(tmp_path)
    assert done.returncode == 1
    assert "The settings cannot be read (UnicodeDecodeError)." in done.stdout


def test_a_fresh_clone(tmp_path: Path) -> None:
    """A missing database is said; nothing is made, seeded or migrated, and no network needed."""
    done = doctor_in(tmp_path, "--json")
    assert done.returncode == 0
    assert {name for name, level in levels(done).items() if level != "OK"} == {
        "Database reachable"
    }
    assert list(tmp_path.iterdir()) == []


@pytest.mark.full
def test_a_running_demo_is_not_disturbed(tmp_path: Path) -> None:
    """It is looked at while it runs, and has the same rows afterwards."""
    url = f"sqlite:///{tmp_path / 'desk.db'}"

    def files() -> set[str]:
        names = {found.name for found in tmp_path.iterdir()}
        return {name for name in names if not name.endswith(("-wal", "-shm"))}  # SQLite's own

    with app(tmp_path) as running:
        of_the_app = {"desk-exports", "desk-audit-heads.log"}
        wait_for(lambda: of_the_app <= files(), "the app makes its last files after its start")
        before = files()
        done = doctor("--json", CARDPAY_DATABASE_URL=url)
        assert {name for name, level in levels(done).items() if level != "OK"} == set()
        assert done.returncode == 0
        assert files() == before
        assert running.get("/readyz") == {"status": "ready"}
