"""The audit log's key: set, made up, or missed."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cardpay import bootstrap
from cardpay.domain.audit_chain import audit_key
from cardpay.domain.errors import StartRefused
from cardpay.settings import database as database_settings
from cardpay.settings import load
from cardpay.settings.audit import audit_keys
from tests.unit.settings.test_settings import LIVE_PUBLISHABLE, LIVE_SECRET

pytestmark = pytest.mark.usefixtures("no_environment")

KEY = "0123456789abcdef0123456789abcdef"


def test_the_key_that_is_set() -> None:
    """The first writes, the others verify; none of them shows."""
    settings = load(CARDPAY_AUDIT_KEY=f"{KEY}, {KEY[::-1]}")
    keys = audit_keys(settings)
    assert keys == (audit_key(KEY), audit_key(KEY[::-1]))
    assert KEY not in f"{settings!r} {keys!r}"
    assert settings.overview()["CARDPAY_AUDIT_KEY"] == "set"


def test_a_key_that_is_made_up_once(tmp_path: Path) -> None:
    """Beside the database, by whichever process is first, for nobody else to read."""
    settings = load(CARDPAY_DATABASE_URL=f"sqlite:///{tmp_path / 'new' / 'demo.db'}")
    with ThreadPoolExecutor(8) as processes:
        keys = set(processes.map(lambda _: audit_keys(settings), range(8)))
    assert len(keys) == 1
    (file,) = (tmp_path / "new").iterdir()
    assert file.name == "demo-audit.key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert settings.heads_path == tmp_path / "new" / "demo-audit-heads.log"


def test_another_database_has_them_in_var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no file beside which they could be."""
    monkeypatch.setattr(database_settings, "VAR", tmp_path)
    settings = load(CARDPAY_DATABASE_URL="postgresql://cardpay@localhost/cardpay")
    audit_keys(settings)
    assert (tmp_path / "audit.key").exists()
    assert settings.heads_path == tmp_path / "audit-heads.log"


def test_a_check_makes_no_key_up(tmp_path: Path) -> None:
    """It would say that everything was written with another one."""
    settings = load(CARDPAY_DATABASE_URL=f"sqlite:///{tmp_path / 'demo.db'}")
    with pytest.raises(StartRefused, match="CARDPAY_AUDIT_KEY is not set, and there can be no"):
        audit_keys(settings, make=False)
    assert not list(tmp_path.iterdir())


def test_an_empty_key_file_is_refused(tmp_path: Path) -> None:
    """Nothing is chained with nothing."""
    (tmp_path / "demo-audit.key").touch()
    settings = load(CARDPAY_DATABASE_URL=f"sqlite:///{tmp_path / 'demo.db'}")
    with pytest.raises(StartRefused, match=r"AUDIT_KEY is not set, and .* holds no key"):
        audit_keys(settings)


@pytest.mark.parametrize("key", ["short", f"{KEY},short", f"{KEY},"])
def test_a_short_key_is_refused(key: str) -> None:
    """It is not repeated."""
    with pytest.raises(StartRefused) as refused:
        bootstrap.build(load(CARDPAY_AUDIT_KEY=key))
    assert refused.value.sentence == (
        "CARDPAY_AUDIT_KEY must be a random text of at least 32 characters, since it protects "
        "the audit log: openssl rand -hex 32."
    )


def test_live_keys_refuse_to_start_without_one(tmp_path: Path) -> None:
    """Before the database is touched."""
    chosen = load(
        STRIPE_SECRET_KEY=LIVE_SECRET,
        STRIPE_PUBLISHABLE_KEY=LIVE_PUBLISHABLE,
        CARDPAY_DATABASE_URL=f"sqlite:///{tmp_path / 'live.db'}",
    )
    with pytest.raises(StartRefused, match="CARDPAY_AUDIT_KEY is missing, and the audit log of"):
        bootstrap.build(chosen)
    assert not list(tmp_path.iterdir())


def test_a_place_where_no_key_can_be_is_refused(tmp_path: Path) -> None:
    """The sentence names the file, and that a key may be set instead."""
    (tmp_path / "file").touch()
    settings = load(CARDPAY_DATABASE_URL=f"sqlite:///{tmp_path / 'file' / 'desk.db'}")
    with pytest.raises(StartRefused, match="is not set, and there can be no key in"):
        audit_keys(settings)
