"""The checks of imports and of dead code see the whole product."""

import tomllib
from functools import cache
from typing import Any

import grimp
from vulture import Vulture

from tests.unit.house.test_folders import modules
from tests.unit.house.test_house_rules import ROOT


@cache
def configuration(tool: str) -> dict[str, Any]:
    """What pyproject.toml says of a tool."""
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    return dict(tools[tool])


def test_import_contracts_see_every_module() -> None:
    """A folder that is left out could import whatever it likes. Alembic runs the migrations."""
    packages = configuration("importlinter")["root_packages"]
    analysed = grimp.build_graph(*packages, cache_dir=None).modules
    names = {".".join(file.with_suffix("").parts) for file in modules()}
    unseen = {name for name in names if name.removesuffix(".__init__") not in analysed}
    assert unseen == {"cardpay.storage.migrations.env"}


def test_what_passes_for_used_would_be_found_dead() -> None:
    """An exception that nothing needs any more would hide the next one of its name."""
    chosen = configuration("vulture")
    search = Vulture(ignore_decorators=chosen["ignore_decorators"])
    search.scavenge(
        [str(ROOT / path) for path in chosen["paths"]],
        exclude=[str(ROOT / path) for path in chosen["exclude"]],
    )
    unused = {found.name for found in search.get_unused_code()}
    assert set(chosen["ignore_names"]) - unused == set()
