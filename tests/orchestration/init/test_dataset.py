import io
import zipfile
from pathlib import Path

import pytest

from orchestration.init import init
from orchestration.init.groups import groups_of

A, B = "id,name\n1,x\n2,y\n", "id,price\n1,2.5\n2,3\n"


def ids(tmp_path: Path, source: str, files: dict[str, str]) -> list[str]:
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return [draft.id for draft in init(tmp_path / source, tmp_path / "out")]


@pytest.mark.parametrize(
    ("source", "files", "expected"),
    [
        pytest.param("erp/daily", ["2011-01-05.csv", "2011-01-06.csv"], ["erp.daily"], id="dates"),
        pytest.param("erp/daily/2011-01-05.csv", ["2011-01-05.csv"], ["erp.daily"], id="one date"),
        pytest.param(
            "erp/daily", ["buys-2018-04.csv", "buys-2018-05.csv"], ["daily.buys"], id="stem"
        ),
        pytest.param("erp/daily", ["batch_1.csv", "batch_2.csv"], ["erp.daily"], id="generic stem"),
        pytest.param("erp/daily", ["nyc.csv", "boston.csv"], ["erp.daily"], id="several stems"),
        pytest.param(
            "erp/daily/EUR-rates.csv", ["EUR-rates.csv"], ["daily.eur_rates"], id="a file"
        ),
        pytest.param("erp/daily/daily.csv", ["daily.csv"], ["erp.daily"], id="named as its folder"),
        pytest.param("erp/daily", ["2018/04/a.csv", "2018/05/b.csv"], ["erp.daily"], id="by month"),
    ],
)
def test_domain_and_name_come_from_folder_and_file(
    tmp_path: Path, source: str, files: list[str], expected: list[str]
) -> None:
    assert ids(tmp_path, source, {f"erp/daily/{name}": A for name in files}) == expected


def test_files_with_other_columns_are_other_datasets(tmp_path: Path) -> None:
    files = {"x/people_1.csv": A, "x/prices.csv": B, "x/people_2.csv": "name,id\nz,3\nw,4\n"}
    assert ids(tmp_path, "x", files) == ["x.people", "x.prices"]


def test_columns_in_another_order_are_read_by_their_names(tmp_path: Path) -> None:
    ids(tmp_path, "x", {"x/p_1.csv": "n,t\n1,a\n2,b\n", "x/p_2.csv": "t,n\na,1\nb,2\n"})
    text = (tmp_path / "out" / "x" / "p.odcs.yaml").read_text()
    assert "{name: n, logicalType: integer}" in text.replace('"', "")


def test_datasets_that_would_have_one_name_get_two(tmp_path: Path) -> None:
    assert ids(tmp_path, "x", {"x/a_1.csv": A, "x/a_2.csv": B}) == ["x.a", "x.a_2"]


def test_files_without_header_are_one_dataset_where_they_look_alike(tmp_path: Path) -> None:
    files = {"x/a.csv": "1,2,x\n3,4,y\n", "x/b.csv": "5,6,z\n7,8,w\n", "x/c.csv": "1,k,2\n2,l,3\n"}
    assert ids(tmp_path / "shop", "x", files) == ["shop.x", "x.c"]


def test_ascii_files_join_those_of_another_encoding(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "p_1.csv").write_bytes(b"id,name\n1,Anna\n")
    (tmp_path / "x" / "p_2.csv").write_bytes(b"id,name\n2,J\xfcrgen\n")
    (draft,) = init(tmp_path / "x", tmp_path / "out")
    assert 'encoding, value: "ISO-8859-1"' in draft.path.read_text()


def test_json_files_with_most_keys_in_common_are_one_dataset(tmp_path: Path) -> None:
    files = {
        "x/e_1.ndjson": '{"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}\n',
        "x/e_2.ndjson": '{"a": 1, "b": 2, "c": 3, "d": 4, "f": 5}\n',
        "x/e_3.ndjson": '{"z": 1}\n',
    }
    assert ids(tmp_path, "x", files) == ["x.e", "x.e_3"]
    text = (tmp_path / "out" / "x" / "e.odcs.yaml").read_text()
    assert [name for name in "abcdefz" if f"name: {name}," in text] == list("abcdef")


def test_a_file_that_breaks_off_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    import gzip
    import random

    rows = "".join(f"{random.Random(at).random()},x\n" for at in range(20_000))
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "p_1.csv").write_text("v,t\n1.5,x\n2.5,y\n")
    packed = gzip.compress(f"v,t\n{rows}".encode())
    (tmp_path / "x" / "p_2.csv.gz").write_bytes(packed[: len(packed) // 2])
    (draft,) = init(tmp_path / "x", tmp_path / "out")
    assert any("p_2.csv.gz: cannot be read" in note for note in draft.notes)
    assert draft.columns == 2


def test_members_of_zips_are_files(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    for day in ("20140501", "20140502"):
        with zipfile.ZipFile(tmp_path / "x" / f"{day}_quote.zip", "w") as archive:
            archive.writestr(f"{day}_eurusd.csv", "0,1.38727,1.38729\n60,1.38724,1.38725\n")
    (draft,) = init(tmp_path / "x", tmp_path / "out")
    assert draft.id == "x.eurusd"
    assert [name.rpartition("/")[2] for name in draft.files] == [
        "20140501_quote.zip!20140501_eurusd.csv",
        "20140502_quote.zip!20140502_eurusd.csv",
    ]


def test_files_of_a_large_family_stand_for_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from orchestration.init import survey

    monkeypatch.setattr(survey, "OPENED", 5)
    looked: list[str] = []
    (tmp_path / "x").mkdir()
    for at in range(50):
        (tmp_path / "x" / f"a_{at:03}.csv").write_text(A)
    (draft,) = init(tmp_path / "x", tmp_path / "out", progress=looked.append)
    assert len(draft.files) == 50
    assert sum(line.startswith("looking at") for line in looked) == 5


def test_what_to_load_is_the_folder_or_the_files_where_others_lie_beside(tmp_path: Path) -> None:
    files = {"x/a_1.csv": A, "x/a_2.csv": A, "y/a_1.csv": A, "y/a_2.csv": A, "y/b.csv": B}
    ids(tmp_path, "x", files)
    alone = init(tmp_path / "x", tmp_path / "out2")
    assert [d.load for d in alone] == [(tmp_path / "x",)]
    beside = init(tmp_path / "y", tmp_path / "out3")
    assert beside[0].load == (tmp_path / "y" / "a_1.csv", tmp_path / "y" / "a_2.csv")
    assert any("lie beside" in note for note in beside[0].notes)


def test_a_date_in_every_files_name_is_a_column_where_the_rows_have_none() -> None:
    found = groups_of(["/a/20240101/x_20240501.csv", "/a/20240101/x_20240502.csv"], [], dated=False)
    assert [p.name for p in found.properties] == ["file_date"]
    assert found.properties[0].type.format == "yyyyMMdd"
    assert not groups_of(["/a/x_20240501.csv"], [], dated=True).path
    assert not groups_of(["/a/x_20240501.csv", "/a/x.csv"], [], dated=False).path
    assert not groups_of(["/a/x_20241350.csv"], [], dated=False).path


def test_files_told_apart_by_their_paths_are_deliveries_of_their_own() -> None:
    apart = groups_of(["/a/x_20240501.csv", "/a/x_20240502.csv"], [], dated=False)
    assert apart.key == ["file_date"]
    alike = groups_of(["/a/x_20240501.csv", "/b/x_20240501.csv"], [], dated=False)
    assert alike.key == []
    parts = groups_of(["/a/day=1/x.csv", "/a/day=2/x.csv"], [], dated=True)
    assert parts.path
    assert parts.key == []  # a partition may get further files


def test_the_path_pattern_takes_the_date_of_the_file_not_of_a_folder_above() -> None:
    import re

    found = groups_of(["/a/2024-01-01/x.zip!2024-05-01.csv"], [], dated=False)
    assert found.path is not None
    match = re.search(found.path, "/a/2024-01-01/x.zip!2024-05-01.csv")
    assert match is not None
    assert match["file_date"] == "2024-05-01"


def test_partition_folders_are_columns() -> None:
    import re

    paths = ["/x/year=2018/month=04/a.parquet", "/x/year=2018/month=05/a.parquet"]
    found = groups_of(paths, ["v"], dated=False)
    assert [(p.name, p.source) for p in found.properties] == [
        ("year", "{year}"),
        ("month", "{month}"),
    ]
    match = re.search(found.path or "", paths[1])
    assert match is not None
    assert match.groupdict() == {"year": "2018", "month": "05"}
    assert not re.search(found.path or "", "/x/fiscal_year=2018/month=05/a.parquet")
    assert [p.name for p in groups_of(paths, ["year"], dated=False).properties] == ["month"]


def test_sheets_are_datasets(tmp_path: Path) -> None:
    import xlsxwriter

    packed = io.BytesIO()
    book = xlsxwriter.Workbook(packed)
    for sheet, header in (("Sales", ["Order", "Net"]), ("Empty", []), ("People", ["Id", "Name"])):
        found = book.add_worksheet(sheet)
        found.write_row(0, 0, header)
        if header:
            found.write_row(1, 0, ["a", 1.5])
    book.close()
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "book.xlsx").write_bytes(packed.getvalue())
    drafts = init(tmp_path / "x", tmp_path / "out")
    assert [draft.id for draft in drafts] == ["x.book_sales", "x.book_people"]
    assert "{property: sheet, value: People}" in drafts[1].path.read_text()
