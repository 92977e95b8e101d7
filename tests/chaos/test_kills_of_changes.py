"""Deliveries of changes killed at every step: what is current and what was are exact afterwards."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from catalog.verify import verify
from data_contracts.find import find
from data_contracts.loading import Loading
from tests.catalog.changes_help import Row, Sent, folded
from tests.chaos.kills import Kill, run
from tests.lake_help import BOTH

if TYPE_CHECKING:
    from tests.lake_help import Lakehouse

pytest_plugins = "tests.lake_help"
pytestmark = [pytest.mark.chaos, pytest.mark.slow]

CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: shop.order
version: 1.0.0
status: active
domain: shop
schema:
  - name: order
    customProperties:
      - {property: load, value: snapshot}
      - {property: path, value: '(?P<place>\\d+)\\.csv$'}
      - {property: deliveryOrder, value: "{place}"}
      - {property: allowShrink, value: 100}
    properties:
      - {name: id, logicalType: string, primaryKey: true, primaryKeyPosition: 1}
      - {name: amount, logicalType: integer}
"""
# They arrive by the names of their folders: the third one's place is between those of the others.
ARRIVING = [
    Sent(1, (Row("a", "1"), Row("b", "1"), Row("c", "1"))),
    Sent(5, (Row("a", "1"), Row("b", "broken"), Row("d", "5"))),
    Sent(3, (Row("a", "3"), Row("b", "3"))),
    Sent(4, (Row("d", "4"), Row("b", "4"))),
]
STEPS = ("gate", "compare", "mend", "write", "before-commit", "after-commit")
CASES = [(step, BOTH[at % 2]) for at, step in enumerate(STEPS)]  # on each catalog in turn


@pytest.mark.parametrize(("step", "catalog"), CASES, indirect=["catalog"])
def test_changes_killed_at_any_step_and_sent_again_are_exact(
    lakehouse: Lakehouse, step: str
) -> None:
    for number, sent in enumerate(ARRIVING):
        sent.file(lakehouse.folder / "in" / str(number))
    file = lakehouse.folder / "order.odcs.yaml"
    file.write_text(CONTRACT, encoding="utf-8")
    for count in (1, 2):
        status = run(lakehouse.settings, lakehouse.folder, Kill(step, count))
        assert status == -signal.SIGKILL or count > 1
    for _ in range(2):
        assert lakehouse.load(find(str(file)), lakehouse.folder / "in").ok
    meant = folded(Loading(mode="snapshot"), ARRIVING)
    assert lakehouse.sql("select id, amount from silver.shop_order order by all") == meant.current
    spans = "select id, amount, lpad(valid_from, 4, '0'), lpad(valid_to, 4, '0')"
    found = lakehouse.sql(f"{spans} from silver.shop_order_history")
    assert sorted(found, key=str) == meant.history
    assert lakehouse.one("select count(*) from ops.ledger") == len(ARRIVING)
    lakehouse.close()
    assert verify(lakehouse.lake, lambda _: True) == []
