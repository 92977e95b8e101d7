from pathlib import Path

import pytest

from orchestration.init import InitError
from orchestration.init.dialect import Dialect, dialect_of
from orchestration.init.files import SourceFile
from orchestration.init.table import Table


def found(tmp_path: Path, text: str, name: str = "a.csv") -> tuple[Dialect, Table]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8", newline="")
    return dialect_of(SourceFile(path))


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1,5;2,5\n3,5;4,5\n", ";"),
        ("1,5;2,5\n3,5;4,5\n", ";"),
        ("a\tb\n1\t2\n", "\t"),
        ("a|b\nx, y|2\n", "|"),
        ('a;b\n"x;,y";2\n', ";"),
        ("name;note\nA;x, y and z\nB;u, v and w\n", ";"),
        ("1 1 0.5  \n1 2 0.7  \n", " "),
        ("city\nNew York\nSan Juan\n", ","),
    ],
)
def test_delimiter_is_found(tmp_path: Path, text: str, delimiter: str) -> None:
    assert found(tmp_path, text)[0].delimiter == delimiter


def test_single_quotes_are_found(tmp_path: Path) -> None:
    assert found(tmp_path, "'a';'b'\n'1';'x;y'\n")[0].quote == "'"
    assert found(tmp_path, "a,b\nit's,don't\n")[0].quote == '"'


@pytest.mark.parametrize(
    ("text", "header"),
    [
        pytest.param("id,name\n1,x\n2,y\n", True, id="names above numbers"),
        pytest.param("1,english\n2,german\n", False, id="numbers in the first line"),
        pytest.param("A_1|x\nA_2|y\nA_3|z\n", False, id="first line like the codes below"),
        pytest.param("code|x\nA_2|y\nA_3|z\n", True, id="first line unlike the codes below"),
        pytest.param("x,1\nx,2\nx,3\n", False, id="values that are repeated below"),
        pytest.param("country,2011,2012,2013\nfr,1,2,3\nde,4,5,6\n", True, id="years"),
        pytest.param(
            "id,100022,100025\nx,TRUE,FALSE\ny,TRUE,TRUE\n", True, id="numbers above words"
        ),
        pytest.param("a,b\n", True, id="nothing but a header"),
        pytest.param("3,german\n", False, id="nothing but a record"),
        pytest.param("day,value\n2020-01-01,5\n2020-01-02,6\n", True, id="names above dates"),
    ],
)
def test_header_is_told_from_records(tmp_path: Path, text: str, header: bool) -> None:
    assert found(tmp_path, text)[1].header is header


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a,b\n1,2\n", 0),
        ("# remark\na,b\n1,2\n3,4\n", 1),
        ("Report\n\nof 2024\n\na,b\n1,2\n3,4\n", 3),
        ("Sales of May,,\na,b,c\n1,2,3\n4,5,6\n", 1),
    ],
)
def test_lines_before_the_table_are_counted(tmp_path: Path, text: str, lines: int) -> None:
    table = found(tmp_path, text)[1]
    assert (table.skip_lines, table.header, table.names[0]) == (lines, True, "a")


def test_a_short_first_record_is_not_skipped_as_a_remark(tmp_path: Path) -> None:
    assert found(tmp_path, "1\n1,2\n3,4\n5,6\n")[1].skip_lines == 0


def test_columns_go_by_order_where_the_header_repeats_or_lacks_a_name(tmp_path: Path) -> None:
    repeated = found(tmp_path, "id,x,X\n1,2,3\n4,5,6\n")[1]
    assert (repeated.header, repeated.skip_lines, repeated.names) == (False, 1, ("id", "x", "X_2"))
    lacking = found(tmp_path, 'id,"two\nlines",,age\n1,2,3,4\n4,5,6,7\n')[1]
    assert (lacking.header, lacking.skip_lines) == (False, 2)
    assert lacking.names == ("id", "two\nlines", "column_3", "age")


def test_columns_go_by_order_where_the_header_lacks_the_row_names(tmp_path: Path) -> None:
    table = found(tmp_path, '"x","y"\n"1",2,3\n"2",5,6\n')[1]
    assert (table.header, table.names) == (False, ("column_1", "x", "y"))


def test_an_empty_name_at_the_end_of_the_header_is_no_column(tmp_path: Path) -> None:
    table = found(tmp_path, "a,b,\n1,2,\n")[1]
    assert (table.names, table.width, table.header) == (("a", "b"), 3, True)


def test_names_of_the_lake_are_not_taken_from_the_header(tmp_path: Path) -> None:
    table = found(tmp_path, "_source,{x},c\n1,2,3\n")[1]
    assert (table.header, table.names) == (False, ("column_1", "column_2", "c"))


def test_prose_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(InitError, match=r"a\.txt: holds no table"):
        found(tmp_path, "Hello there, this is\nsome prose\nin three lines.\n", "a.txt")
