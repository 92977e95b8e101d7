import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from open_data_contract_standard.model import OpenDataContractStandard

from data_contracts.odcs import read
from orchestration.init import Draft, InitError, init

Drafted = Any
ROWS = "".join(f"{at},{'ab'[at % 2]},{at}.50,2020-01-{at % 28 + 1:02}\n" for at in range(1, 41))


def test_a_draft_tells_what_it_covers(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "orders.csv").write_text("id,kind,amount,day\n" + ROWS)
    assert init(folder, tmp_path / "out") == [
        Draft(
            id="shop.orders",
            path=tmp_path / "out" / "shop" / "orders.odcs.yaml",
            files=((folder / "orders.csv").as_posix(),),
            columns=4,
            notes=("primary key by the sample: id",),
            load=(folder / "orders.csv",),
        )
    ]


def test_the_contract_keeps_the_standard(draft_of: Callable[..., Drafted]) -> None:
    found = draft_of('Order Id,kind,amount,day,a b,"x: {y}"\n' + ROWS.replace("\n", ",#1,'\"\n"))
    read(found.draft.path)  # which holds it against the standard's schema
    OpenDataContractStandard(**found.data)
    head = {
        key: found.data[key] for key in ("apiVersion", "kind", "id", "version", "status", "domain")
    }
    assert head == {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "sales.data",
        "version": "0.1.0",
        "status": "draft",
        "domain": "sales",
    }


def test_every_property_says_how_sure_it_is(draft_of: Callable[..., Drafted]) -> None:
    found = draft_of("id,kind,amount,day\n" + ROWS)
    lines = [line for line in found.text.splitlines() if line.strip().startswith("- {name:")]
    assert len(lines) == 4
    assert all("# 0.98; e.g. " in line for line in lines)


def test_the_head_says_what_was_read_and_what_to_check(draft_of: Callable[..., Drafted]) -> None:
    head = draft_of("id,at\n1,2020-01-01 10:00:00\n").text.partition("apiVersion")[0]
    assert "1 records of data.csv; all there are." in head.replace("\n# ", " ")
    assert "lakehouse ingest" in head
    assert "# - at: without a time zone, read as UTC" in head


def test_personal_data_is_classified_and_never_shown(draft_of: Callable[..., Drafted]) -> None:
    rows = "".join(f"{at},Ann{at % 3},ann{at}@example.com,{at}\n" for at in range(100, 140))
    found = draft_of("customer_id,first_name,contact,size\n" + rows)
    classified = [n for n, p in found.properties.items() if p.get("classification") == "personal"]
    assert classified == ["customer_id", "first_name", "contact"]
    assert "Ann" not in found.text
    assert "example.com" not in found.text
    assert "e.g. 100, 101, 102" in found.text  # of the size, which is nobody's


def test_names_of_the_source_are_kept_as_they_are(draft_of: Callable[..., Drafted]) -> None:
    source = ["Order Id", " blank", 'quo"te', "yes", "ü: {x}", "1", "a\tb"]
    header = ",".join('"{}"'.format(name.replace('"', '""')) for name in source)
    found = draft_of(f"{header}\nk,l,m,n,o,p,q\n")
    assert [p.get("physicalName", p["name"]) for p in found.schema["properties"]] == source


def test_the_dialect_is_written_where_it_is_not_the_default(
    draft_of: Callable[..., Drafted],
) -> None:
    text = "# remark\r\nNr;Tag;Betrag;Ort\r\n1;31.01.2024;1.234,50;Köln\r\n2;01.02.2024;-;Ulm\r\n"
    found = draft_of(text.encode("latin-1"))
    assert found.reading == {
        "format": "csv",
        "delimiter": ";",
        "encoding": "ISO-8859-1",
        "skipLines": 1,
        "decimalMark": ",",
        "thousandsMark": ".",
        "nullValues": ["", "-"],
    }
    assert found.types == {
        "nr": "integer",
        "tag": "date as dd.MM.yyyy",
        "betrag": "decimal(18,2)",
        "ort": "string",
    }


def test_a_file_without_header_numbers_its_columns(draft_of: Callable[..., Drafted]) -> None:
    found = draft_of("1 1 0.5  \n1 2 0.7  \n1 3 0.9  \n", "train.txt")
    assert found.reading == {
        "format": "csv",
        "delimiter": " ",
        "header": False,
        "unknownColumns": "ignore",
    }
    assert found.types == {"column_1": "integer", "column_2": "integer", "column_3": "number"}


def test_an_order_of_day_and_month_is_taken_from_another_column(
    draft_of: Callable[..., Drafted],
) -> None:
    found = draft_of("a,b\n01/02/2011,31/01/2011\n03/04/2011,01/02/2011\n")
    assert found.types == {"a": "date as dd/MM/yyyy", "b": "date as dd/MM/yyyy"}


def test_few_rows_make_no_rules(draft_of: Callable[..., Drafted]) -> None:
    found = draft_of("id,kind\n1,a\n2,b\n")
    assert all("required" not in p for p in found.properties.values())
    assert found.key == []


def test_rows_with_values_missing_are_not_required(draft_of: Callable[..., Drafted]) -> None:
    rows = "".join(
        f"{at},{'' if at == 7 else 'x'},{'N/A' if at == 8 else at}\n" for at in range(30)
    )
    found = draft_of("n,t,v\n" + rows)
    assert {n: p.get("required", False) for n, p in found.properties.items()} == {
        "n": True,
        "t": False,
        "v": False,
    }
    assert found.type_of("v") == "integer"


def test_a_null_of_one_column_is_one_of_all(draft_of: Callable[..., Drafted]) -> None:
    rows = "".join(f"{'-' if at == 3 else at},{'-' if at == 4 else 'x'}\n" for at in range(30))
    found = draft_of("n,t\n" + rows)
    assert found.reading["nullValues"] == ["", "-"]
    assert "required" not in found.properties["t"]


def test_ragged_records_are_told_and_do_not_loosen_the_contract(
    draft_of: Callable[..., Drafted],
) -> None:
    rows = "".join(f"{at},x\n" for at in range(30))
    found = draft_of("n,t\n" + rows + "31\n32,x,y\n")
    assert found.properties["t"]["required"] is True
    assert any(
        note.startswith("2 of the first records are cut wrong") for note in found.draft.notes
    )


def test_an_existing_contract_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    (draft,) = init(tmp_path / "a.csv", tmp_path / "out")
    draft.path.write_text("mine")
    with pytest.raises(InitError, match=r"a\.odcs\.yaml: is there already"):
        init(tmp_path / "a.csv", tmp_path / "out")
    assert draft.path.read_text() == "mine"


def test_nothing_is_written_where_one_of_several_is_there(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "a.csv").write_text("a,b\n1,2\n")
    (tmp_path / "x" / "b.csv").write_text("c,d\n1,2\n")
    for draft in init(tmp_path / "x", tmp_path / "out")[:1]:
        draft.path.unlink()
    with pytest.raises(InitError, match="is there already"):
        init(tmp_path / "x", tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").rglob("*.yaml")] == ["b.odcs.yaml"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "a.csv: is empty"),
        ("a.csv", bytes(range(256)), "a.csv: is binary"),
        ("a.csv.gz", b"no gzip", "a.csv.gz: cannot be read"),
        ("a.csv.gz", gzip.compress(b"", mtime=0), "a.csv.gz: is empty"),
        ("a.xls", b"\xd0\xcf\x11\xe0", "a.xls: .xls is not read; save it as .xlsx"),
        ("a.xlsb", b"PK", "a.xlsb: .xlsb is not read; save it as .xlsx"),
        ("a.xlsx", b"PK\3\4junk", "a.xlsx: is no readable workbook"),
        ("a.parquet", b"PAR1junk", "a.parquet: is no readable Parquet"),
        ("a.zip", b"junk", "a.zip: is no readable zip"),
        ("a.json", b"[1, 2]", "a.json: holds no JSON objects"),
        ("a.json", b'{"a": ', "a.json: holds no JSON objects"),
        ("a.ndjson", b"x\ny\n", "a.ndjson: holds no JSON objects"),
        ("a.txt", b"some prose, here\nand\nthere\nit is.\n", "a.txt: holds no table"),
    ],
)
def test_what_cannot_be_read_is_one_line_that_names_the_file(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InitError) as error:
        init(tmp_path / name, tmp_path / "out")
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "out").exists()


def test_a_missing_or_empty_source_says_so(tmp_path: Path) -> None:
    with pytest.raises(InitError, match="there is no such file or folder"):
        init(tmp_path / "none", tmp_path / "out")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InitError, match="holds no files"):
        init(tmp_path / "empty", tmp_path / "out")


def test_files_that_cannot_be_read_are_told_beside_those_that_can(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "a.csv").write_text("a,b\n1,2\n")
    (tmp_path / "x" / "b.csv").write_bytes(b"")
    told: list[str] = []
    (draft,) = init(tmp_path / "x", tmp_path / "out", progress=told.append)
    assert any("b.csv: is empty" in note for note in draft.notes)
    assert any("b.csv: is empty" in line for line in told)


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    (tmp_path / "out").write_text("a file")
    with pytest.raises(InitError, match="cannot be written"):
        init(tmp_path / "a.csv", tmp_path / "out")


def test_comments_do_not_break_the_yaml(draft_of: Callable[..., Drafted]) -> None:
    nasty = ['"a\nb: c"', '"\u2028x"', "# y", "'", "\x85z", "{", "|", "&a", "*", "-"]
    found = draft_of("n,t\n" + "".join(f"{at},{text}\n" for at, text in enumerate(nasty * 3)))
    assert yaml.safe_load(found.text)["schema"][0]["properties"][1]["name"] == "t"
