"""What reads a column: a small dbt project, whose models are found as dbt would build them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from data_contracts.loading import Loading
from orchestration.readers import readers
from tests.lake_help import contract

if TYPE_CHECKING:
    from pathlib import Path

LOG = contract(loading=Loading("snapshot"))
MODELS = {
    "staging/stg_orders": """
        {{ config(materialized='view') }}
        with source as (select * from {{ source('silver', 'shop_order') }})
        select id as order_id, quantity, price as amount from source
    """,
    "marts/fct_sales": """
        select o.order_id, o.amount * c.rate as revenue
        from {{ ref('stg_orders') }} as o
        left join {{ ref('stg_rates') }} as c on o.order_id = c.order_id
    """,
    "marts/by_day": "select sum(f.revenue) as revenue from {{ ref('fct_sales') }} as f",
    "staging/stg_rates": "select order_id, price as rate from {{ source('bank', 'rates') }}",
    "marts/counted": "select count(*) as n from {{ ref('stg_orders') }}",
    "marts/expensive": """
        {# price is gone from here #}
        select order_id from {{ ref('stg_orders') }} where amount > 100
    """,
    "marts/was": "select h.price from {{ source('shop', 'orders_as_they_were') }} as h",
    "marts/odd": "select price frm from silver.shop_order where where",
}
SOURCES = """
sources:
  - name: shop
    schema: silver
    tables: [{name: orders_as_they_were, identifier: shop_order_history}]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A dbt project of eight models."""
    for name, sql in MODELS.items():
        file = tmp_path / "dbt_project" / "models" / f"{name}.sql"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(sql, encoding="utf-8")
    (tmp_path / "dbt_project" / "models" / "sources.yml").write_text(SOURCES, encoding="utf-8")
    return tmp_path / "dbt_project"


def test_models_that_read_a_column_are_found_through_other_models_and_names(project: Path) -> None:
    silver, past, *found = readers(LOG, ["price"], project)
    assert (silver, past) == ("silver.shop_order", "silver.shop_order_history")
    # Whoever reads what they make of it, reads it too; stg_rates has a price of another table.
    assert sorted(found) == ["by_day", "expensive", "fct_sales", "odd", "stg_orders", "was"]
    assert found.index("stg_orders") < found.index("fct_sales") < found.index("by_day")


def test_models_that_read_other_columns_of_the_table_are_not_named(project: Path) -> None:
    assert readers(LOG, ["quantity"], project)[2:] == ["stg_orders"]
    assert readers(LOG, ["nothing"], project)[2:] == []
    assert readers(LOG, [], project) == []


def test_a_table_that_appends_has_no_history_to_read(tmp_path: Path) -> None:
    assert readers(contract(), ["price"], tmp_path) == ["silver.shop_order"]
