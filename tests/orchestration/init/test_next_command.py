"""The promise of `contracts init`: the very next command, `ingest`, works on the same files."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from orchestration.init import Draft, init

LAKEHOUSE = [sys.executable, "-c", "from orchestration.cli import main; main()"]


def ingested(draft: Draft) -> dict[str, Any]:
    """What `lakehouse ingest` says of a draft's files."""
    command = [*LAKEHOUSE, "ingest", str(draft.path), *map(str, draft.load), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def counts(found: dict[str, Any]) -> tuple[int, int, int]:
    return found["read"], found["quarantined"], found["files"]["loaded"]


def test_ingest_loads_the_files_of_a_first_contract(tmp_path: Path, home: Path) -> None:
    folder = tmp_path / "fx"
    folder.mkdir()
    for day in ("20140501", "20140502"):
        with zipfile.ZipFile(folder / f"{day}_quote.zip", "w") as archive:
            rows = "".join(f"{at};1,3{at:04};x\r\n" for at in range(1000, 1030))
            archive.writestr(f"{day}_eurusd.csv", rows)
    (draft,) = init(folder, tmp_path / "contracts")
    assert counts(ingested(draft)) == (60, 0, 2)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("source", "id_", "expected"),
    [
        ("erp/online_retail", "erp.online_retail", (148_117, 0, 100)),
        ("market/eurofxref-hist.csv", "market.eurofxref_hist", (6_983, 0, 1)),
        ("churn/telco.csv", "churn.telco", (5_634, 0, 1)),
        ("iot/cmapss", "cmapss.train_fd001", (20_631, 0, 1)),
        ("market/eurusd_2014/minute", "minute.eurusd_minute_quote", (9_590, 0, 8)),
        ("events/wikimedia", "events.wikimedia", (100, 0, 1)),
    ],
)
def test_ingest_loads_real_files_by_their_first_contract(
    real_data: Path,
    tmp_path: Path,
    home: Path,
    source: str,
    id_: str,
    expected: tuple[int, int, int],
) -> None:
    drafts = {draft.id: draft for draft in init(real_data / source, tmp_path)}
    assert counts(ingested(drafts[id_])) == expected
