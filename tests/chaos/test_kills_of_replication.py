"""A sync of changes that is killed by SIGKILL at any step, and run again, is exact."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.chaos.kills import Kill, ended

if TYPE_CHECKING:
    from tests.orchestration.databases.replication_help import Shop

pytest_plugins = ("tests.lake_help", "tests.orchestration.databases.replication_help")
pytestmark = [pytest.mark.chaos, pytest.mark.slow]
STEPS = (
    "extract",
    "gate",
    "compare",
    "write",
    "before-commit",
    "after-commit",
    "advance",
    "advanced",
)
LOG = "select id, amount, op, _op from bronze.{}_orders order by _batch, _position"


def run(shop: Shop, kill: Kill | None = None) -> int:
    command = ["sync", shop.url, "--contracts", str(shop.folder), "--json"]
    return ended(shop.lakehouse.settings, command, kill)


@pytest.mark.parametrize(
    ("catalog", "step"),
    [*(("sqlite", step) for step in STEPS), ("postgres", "before-commit"), ("postgres", "advance")],
    indirect=["catalog"],
)
def test_a_sync_of_changes_killed_at_any_step_loses_and_doubles_nothing(
    shop: Shop, step: str, catalog: str
) -> None:
    shop.make()
    if catalog == "postgres" and step == "before-commit":  # the first copy, too
        assert run(shop, Kill(step)) == -signal.SIGKILL
    assert shop.sync().ok
    shop.execute(
        "update orders set amount = amount + 0.25 where id <= 2",
        "delete from orders where id = 3",
        "update orders set id = 30 where id = 4",
    )
    assert run(shop, Kill(step)) == -signal.SIGKILL
    shop.execute("update orders set amount = amount + 0.25 where id = 1")
    assert shop.sync().ok
    shop.assert_same()
    operations = [op for _, _, op, _ in shop.lakehouse.sql(LOG.format(shop.domain))]
    assert "".join(operations) == "r" * 20 + "uudduu"
    shop.lakehouse.close()
    assert shop.sync().as_json()["read"] == 0
