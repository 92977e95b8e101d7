"""An input as a delivery: its name, its key, its hash, and what its path says."""

from __future__ import annotations

import gzip
import hashlib
from typing import TYPE_CHECKING

import pytest

from catalog.delivery import DeliveryError
from data_contracts.contract import Column, Reading
from tests.orchestration.connectors.files.reading_help import delivery, holding, texts

if TYPE_CHECKING:
    from pathlib import Path

    from catalog.delivery import Delivery

CSV = b"a,b\n1,2\n"
DAY = Column("day", "{day}", "date", "DATE")
DAILY = r"(?P<shop>[^/]+)/(?P<day>\d{8})?[^/]*\.csv"


def of(
    path: Path, pattern: str | None = None, *columns: Column, key: tuple[str, ...] = ()
) -> Delivery:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(CSV) if path.suffix == ".gz" else CSV)
    held_to = holding(*texts("a", "b"), *columns, reading=Reading(path=pattern), delivery_key=key)
    return delivery(path, held_to)


def test_a_file_is_known_by_its_whole_path_and_its_content(tmp_path: Path) -> None:
    found = of(tmp_path / "x.csv")
    assert found.source == found.key == f"{tmp_path}/x.csv"
    assert found.content_hash == hashlib.sha256(CSV).hexdigest()
    assert found.size == len(CSV)


def test_packed_and_plain_are_one_content(tmp_path: Path) -> None:
    plain, packed = of(tmp_path / "x.csv"), of(tmp_path / "x.csv.gz")
    assert plain.content_hash == packed.content_hash
    assert plain.key != packed.key


def test_the_key_is_the_groups_that_the_contract_names(tmp_path: Path) -> None:
    found = of(tmp_path / "north" / "20240229_a.csv", DAILY, DAY, key=("shop", "day"))
    assert found.key == "north/20240229"
    assert found.groups == {"day": "20240229"}
    assert found.source == f"{tmp_path}/north/20240229_a.csv"


def test_groups_with_slashes_make_no_two_keys_the_same(tmp_path: Path) -> None:
    pattern = r"in/(?P<one>.+)-(?P<two>.+)\.csv"
    one = of(tmp_path / "in" / "a" / "b-c.csv", pattern, key=("one", "two"))
    other = of(tmp_path / "in" / "a-b" / "c.csv", pattern, key=("one", "two"))
    assert one.key != other.key


def test_a_path_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match=r"^its path does not fit the contract's pattern "):
        of(tmp_path / "x.csv", r"(?P<day>\d{8})\.csv", DAY)


def test_a_path_without_a_group_that_is_needed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match=r"^its path has nothing for the group day$"):
        of(tmp_path / "north" / "x.csv", DAILY, DAY)
    assert of(tmp_path / "north" / "x.csv", DAILY, key=("shop",)).key == "north"


def test_the_bytes_are_kept_where_the_contract_wants_that(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(CSV)
    kept = delivery(tmp_path / "x.csv", holding())
    assert kept.keep is not None
    kept.keep()
    assert (tmp_path / "raw" / kept.content_hash[:2] / f"{kept.content_hash}.zst").is_file()
    assert delivery(tmp_path / "x.csv", holding(keep_raw=False)).keep is None


def test_a_delivery_can_be_read_again(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"a,b\n1,2\n3\n")
    found = delivery(tmp_path / "x.csv", holding())
    first, second = ([(c.rows, len(c.broken)) for c in found.read()] for _ in range(2))
    assert first == second
    assert [sum(counts) for counts in zip(*first, strict=True)] == [1, 1]
