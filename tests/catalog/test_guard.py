"""What a query may be, and that all else is refused in one plain line."""

from __future__ import annotations

import time
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from catalog.errors import QueryRefusedError
from catalog.guard import Reach, check
from catalog.session import Session

if TYPE_CHECKING:
    from catalog.lake import Lake

pytest_plugins = "tests.catalog.query_help"

T = "bronze.shop_order"

ALLOWED = {
    "constant": "select 1",
    "from first": f"from {T}",
    "table statement": f"table {T}",
    "values": "values (1, 'a'), (2, 'b')",
    "with the catalog": f"select * from lake.{T}",
    "quoted names": 'select "id" from "bronze"."shop_order"',
    "another case": "SELECT ID FROM Bronze.Shop_Order",
    "semicolon and comment": "select 1; -- done",
    "parenthesised": "(select 1)",
    "union": f"select id from {T} union all select 2 except select 3 intersect select 4",
    "union by name": "select 1 as a union by name select 2 as b",
    "with": f"with a as (select * from {T}), b as (from a) select count(*) from b",
    "with in a subquery": f"select * from (with a as (from {T}) from a)",
    "with shadowed by another with": "with a as (select 1) from (with a as (from a) from a)",
    "with of a table's name": f"with shop_order as (from {T}) from shop_order",
    "recursive": "with recursive n(i) as (select 1 union all select i + 1 from n where i < 5) from n",
    "recursive by key": "with recursive n(k, i) using key (k) as (select 1, 1 union "
    "select k, i + 1 from recurring.n where i < 3) from n",
    "filter in brackets": f"select max(amount) filter (customer = 'customer 1') from {T}",
    "string_agg of numbers": f"select string_agg(id, ' ' order by id) from {T}",
    "count distinct": f"select count(distinct customer), count(*) from {T}",
    "window": f"select row_number() over (partition by customer order by id), lag(amount) over w, "
    f"sum(amount) over w from {T} window w as (order by id rows between 1 preceding and current row)",
    "qualify": f"from {T} qualify rank() over (order by amount desc) = 1",
    "group by all": f"select customer, sum(amount) from {T} group by all having sum(amount) > 1",
    "rollup": f"select customer, grouping(customer), count(*) from {T} group by rollup (customer)",
    "distinct on": f"select distinct on (customer) customer, id from {T} order by customer, id desc",
    "joins": f"from {T} a join {T} b using (id) left join {T} c on a.id = c.id semi join {T} d using (id)",
    "asof": f"from {T} a asof join {T} b on a.ordered_at >= b.ordered_at",
    "positional join": f"from {T} a positional join {T} b",
    "lateral": f"select * from {T} t, lateral (select t.id + 1)",
    "unnest": f"select unnest(lines) from {T}",
    "unnest in from": f"select * from {T}, unnest(lines) as l(line)",
    "range": "select * from range(3), generate_series(1, 2)",
    "exists and in": f"select exists (from {T}), 1 in (select id from {T}), 1 = any (select 1)",
    "case, cast, coalesce": "select case when true then 1::varchar else try_cast('x' as int)::varchar end,"
    " coalesce(null, 1), nullif(1, 2), ifnull(null, 1)",
    "dates": f"select date_trunc('month', ordered_at), extract(year from ordered_at), "
    f"ordered_at at time zone 'Europe/London', strftime(ordered_at, '%Y'), age(ordered_at), now(), "
    f"current_date, ordered_at + interval 1 day, date_diff('day', ordered_at, now()) from {T}",
    "text": "select upper('a'), 'a' || 'b', 'a' like 'b', 'a' ilike 'b', 'a' similar to 'b', "
    "regexp_replace('a', 'b', 'c'), split_part('a,b', ',', 1), trim(both ' ' from 'a'), 'a' ~ 'b', "
    "position('a' in 'b'), substring('abc' from 2 for 1), format('{}', 1), 'a'[1]",
    "json": """select json_extract_string('{"a":1}', 'a'), '{"a":1}'::json -> 'a', '{"a":1}'::json ->> '$.a',
        to_json([1]), j.value from json_each('[1,2]') j""",
    "lists": "select list_transform([1, 2], lambda x: x + 1), list_filter([1], x -> x > 1), [1, 2][1:2], "
    "[x * 2 for x in [1, 2] if x > 1], list_aggregate([1], 'sum'), list_sum([1]), len([1]), [1] @> [1]",
    "structs and maps": "select {'a': 1}, struct_pack(a := 1).a, map {'k': 1}['k'], row(1, 2), (1, 2)",
    "columns": f"select columns('i.*'), columns(c -> c like 'a%'), * exclude (id) replace (1 as amount) from {T}",
    "pivot": f"from (pivot {T} on customer in ('customer 1', 'customer 2') using sum(amount) group by id)",
    "pivot in sql's way": f"from {T} pivot (sum(amount) for customer in ('customer 1'))",
    "unpivot": f"from (select id, amount from {T}) unpivot (value for name in (amount))",
    "time travel": f"from {T} at (version => 3)",
    "sample": f"from {T} using sample 10 percent (bernoulli)",
    "limit": f"from {T} order by id limit 10 offset 2",
    "limit percent": f"from {T} limit 10%",
    "types": "select 1::decimal(10, 2), 'a'::enum('a'), null::struct(a int), [1]::int[1], 1::union(n int)",
    "collate": f"select customer collate nocase from {T} order by customer collate de",
    "quantile": f"select quantile_cont(amount, 0.5), percentile_cont(0.5) within group (order by id) from {T}",
    "row of a table": f"select t from {T} t",
    "random": "select random(), uuid()",
    "method of a column": f"select customer.upper() from {T}",
}

REFUSED = {
    "nothing": "",
    "a comment": "-- select 1",
    "semicolons": ";;",
    "two queries": "select 1; select 2",
    "a query and more": "select 1; drop table bronze.shop_order",
    "more behind a comment": "select 1; /* ; */ delete from bronze.shop_order",
    "broken": "selec 1",
    "NUL": "select 1\0; drop table bronze.shop_order",
    "half a surrogate": "select '\ud800'",
    "copy out": "copy (select 1) to '/tmp/x'",
    "copy in": f"copy {T} from '/etc/passwd'",
    "copy the database": "copy from database lake to memory",
    "attach": "attach '/tmp/x.db' as x",
    "detach": "detach lake",
    "use": "use memory",
    "install": "install httpfs",
    "load": "load httpfs",
    "pragma": "pragma database_list",
    "pragma with a value": "pragma memory_limit = '1TB'",
    "set": "set memory_limit = '1TB'",
    "set a variable": "set variable x = 1",
    "reset": "reset memory_limit",
    "call": "call pragma_version()",
    "call ducklake": "call ducklake_expire_snapshots('lake', versions => [1])",
    "create a table": "create table bronze.x (a int)",
    "create a view": "create view bronze.x as select 1",
    "create a macro": "create macro f(x) as x",
    "create a table macro": "create macro f() as table select * from duckdb_settings()",
    "create a secret": "create secret (type s3, key_id 'a', secret 'b')",
    "create a sequence": "create sequence s",
    "create a type": "create type t as enum ('a')",
    "insert": f"insert into {T} select * from {T}",
    "insert returning in with": f"with x as (insert into {T} values (1) returning *) from x",
    "update": f"update {T} set id = 1",
    "delete": f"delete from {T}",
    "truncate": f"truncate {T}",
    "merge": f"merge into {T} using {T} s on true when matched then delete",
    "drop": f"drop table {T}",
    "alter": f"alter table {T} add column x int",
    "begin": "begin",
    "checkpoint": "checkpoint",
    "vacuum": "vacuum",
    "export": "export database '/tmp/x'",
    "import": "import database '/tmp/x'",
    "prepare": "prepare q as select 1",
    "execute": "execute q",
    "deallocate": "deallocate q",
    "explain": "explain select 1",
    "explain analyze a write": f"explain analyze delete from {T}",
    "comment on": f"comment on table {T} is 'x'",
    "describe": f"describe {T}",
    "describe a file": "describe '/etc/passwd'",
    "describe in from": f"from (describe {T})",
    "summarize": f"summarize {T}",
    "summarize a file": "summarize '/tmp/x.csv'",
    "show tables": "show tables",
    "show all tables": "show all tables",
    "show databases in from": "from (show databases)",
    "a file in quotes": "select * from '/etc/passwd'",
    "a CSV in quotes": "select * from 'x.csv'",
    "a parquet in double quotes": 'from "/tmp/x.parquet"',
    "a file of the data folder": "from 'tables/bronze/shop_order/*.parquet'",
    "a file behind a schema": 'from bronze."/../../etc/passwd.csv"',
    "a file behind a catalog": 'from lake.bronze."x/../../../x.parquet"',
    "a file of a schema's name": 'from "bronze.parquet"',
    "a URL": "from 'https://example.com/x.parquet'",
    "a glob": "from '/etc/*.csv'",
    "a file as a common table": 'with "/etc/passwd.csv" as (select 1) from "/etc/passwd.csv"',
    "read_csv": "from read_csv('/etc/hostname')",
    "read_csv in another case": "FROM READ_CSV('/etc/hostname')",
    "read_csv in quotes": "from \"read_csv\"('/etc/hostname')",
    "read_csv qualified": "from main.read_csv('/etc/hostname')",
    "read_csv fully qualified": "from system.main.read_csv('/etc/hostname')",
    "read_csv in full width": "from ｒead_csv('/etc/hostname')",
    "read_csv in a subquery": "select (select count(*) from read_csv('/etc/hostname'))",
    "read_csv in with": "with a as (from read_csv('/etc/hostname')) from a",
    "read_csv in an unused with": "with a as (from read_csv('/etc/hostname')) select 1",
    "read_csv in exists": f"from {T} where exists (from read_csv('/etc/hostname'))",
    "read_csv in order by": f"from {T} order by (select count(*) from read_csv('/etc/hostname'))",
    "read_csv in limit": f"from {T} limit (select count(*) from read_csv('/etc/hostname'))",
    "read_csv laterally": f"from {T} t, lateral (from read_csv(t.customer))",
    "read_csv in a pivot": "from (pivot read_csv('/etc/hostname') on a in (1) using sum(b))",
    "read_text": "from read_text('/etc/passwd')",
    "read_blob": "from read_blob('/etc/passwd')",
    "read_json": "from read_json('/etc/passwd')",
    "read_parquet": "from read_parquet('/tmp/x.parquet')",
    "parquet_metadata": "from parquet_metadata('/tmp/x.parquet')",
    "sniff_csv": "from sniff_csv('/etc/passwd')",
    "glob()": "from glob('/etc/*')",
    "sqlite_scan": "from sqlite_scan('/tmp/x.sqlite', 'ducklake_table')",
    "sqlite_query": "from sqlite_query('__ducklake_metadata_lake', 'select 1')",
    "postgres_query": "from postgres_query('__ducklake_metadata_lake', 'select 1')",
    "arrow_scan": "from arrow_scan(0, 0, 0)",
    "query()": "from query('select 1')",
    "query_table()": "from query_table('bronze.shop_order')",
    "json_execute_serialized_sql": "from json_execute_serialized_sql('{}')",
    "json_serialize_plan": "select json_serialize_plan('from read_csv(''/etc/hostname'')')",
    "duckdb_settings()": "from duckdb_settings()",
    "duckdb_secrets()": "from duckdb_secrets()",
    "duckdb_logs()": "from duckdb_logs()",
    "duckdb_functions()": "from duckdb_functions()",
    "which_secret": "from which_secret('s3://x', 's3')",
    "ducklake_snapshots": "from ducklake_snapshots('lake')",
    "ducklake_table_info": "from ducklake_table_info('lake')",
    "pragma_table_info": "from pragma_table_info('bronze.shop_order')",
    "a method of the lake": "from lake.snapshots()",
    "histogram of a table": "from histogram(bronze.shop_order, id)",
    "test_all_types": "from test_all_types()",
    "the catalog's database": "from __ducklake_metadata_lake.ducklake_data_file",
    "the catalog's database in full": "from __ducklake_metadata_lake.main.ducklake_data_file",
    "information_schema": "from information_schema.tables",
    "information_schema of the lake": "from lake.information_schema.tables",
    "pg_catalog": "from pg_catalog.pg_tables",
    "sqlite_master": "from sqlite_master",
    "duckdb_tables": "from duckdb_tables",
    "duckdb_tables of system": "from system.main.duckdb_tables",
    "another schema": "from main.x",
    "another catalog": "from memory.bronze.shop_order",
    "temp": "from temp.bronze.shop_order",
    "a catalog of the lake's schema's name": "from bronze.bronze.shop_order",
    "without a schema": "from shop_order",
    "a schema as a table": "from bronze",
    "a variable of Python": "from sql",
    "a common table that is not in scope": "select * from (with a as (select 1) from a), a",
    "a later common table": "with a as (from b), b as (select 1) from a",
    "a common table of its own": "with duckdb_settings as (from duckdb_settings) from duckdb_settings",
    "the start of a recursion": "with recursive duckdb_tables as (select table_name from duckdb_tables "
    "union all select 'a' from duckdb_tables where false) from duckdb_tables",
    "a common table of its own name": "with a as (from a) from a",
    "the start of a recursion of its own name": "with recursive a as (from a union all from a) from a",
    "a view of the system's as a common table": "with sqlite_master as (select 1) from sqlite_master",
    "a Kelvin sign for a K": 'with "\u212a" as (select 1) from k',
    "a Kelvin sign": 'with "duc\u212adb_views" as (select 1) from duckdb_views',
    "recurring without recursion": "with a as (select 1) from recurring.a",
    "getenv": "select getenv('HOME')",
    "getvariable": "select getvariable('x')",
    "current_setting": "select current_setting('memory_limit')",
    "nextval": "select nextval('s')",
    "write_log": "select write_log('x')",
    "sleep_ms": "select sleep_ms(100000)",
    "pg_sleep": "select pg_sleep(100)",
    "setseed": "select setseed(0.5)",
    "error": "select error('x')",
    "current_query": "select current_query()",
    "has_table_privilege": "select has_table_privilege('x', 'y')",
    "the state of an aggregate": f"select sum(id) export_state from {T}",
    "finalize": "select finalize('x')",
    "an unknown function": "select frobnicate(1)",
    "a function of the lake": "select bronze.upper('a')",
    "a function of a catalog": "select memory.main.upper('a')",
    "an aggregate by a wrong name": "select list_aggregate([1], 'getenv')",
    "an aggregate by a name made up": "select list_aggregate([1], 'su' || 'm')",
    "an aggregate by a name of a column": f"select list_aggr([1], customer) from {T}",
    "an aggregate by name as a method": f"select lines.list_aggr('getenv') from {T}",
    "a parameter": "select ?",
    "a named parameter": "select $a",
    "default": "select default",
    "pivot without values": f"pivot {T} on customer using sum(amount)",
    "very deep": f"select {'[' * 500}1{']' * 500}",
    "deeper than the parser": f"select {'(' * 20_000}1{')' * 20_000}",
    "too long": f"select '{'x' * 1_000_000}'",
    "another process's lake": "attach 'ducklake:sqlite:/srv/lake/catalog.sqlite' as other",
    "another process's rows": "from '/srv/lake/data/tables/bronze/shop_order/x.parquet'",
    "another process's Postgres": "from postgres_scan('host=/tmp', 'public', 'ducklake_table')",
    "the journal of commands": "from '.lakehouse/sql_history'",
    "the environment of a process": "from read_blob('/proc/self/environ')",
    "read_csv_auto": "from read_csv_auto('/etc/passwd')",
    "read_ndjson_objects": "from read_ndjson_objects('/etc/passwd')",
    "parquet_scan": "from parquet_scan('/tmp/x.parquet')",
    "parquet_kv_metadata": "from parquet_kv_metadata('/tmp/x.parquet')",
    "iceberg_scan": "from iceberg_scan('/tmp/x')",
    "a table function as a value": "select read_text('/etc/passwd')",
    "a table function behind with ordinality": "from read_text('/etc/passwd') with ordinality",
    "a file in a list": "from read_csv(['/etc/passwd', '/etc/hosts'])",
    "a file in a join": f"from {T} join '/etc/passwd' p on true",
    "a file in a union": f"from {T} union all from '/etc/passwd'",
    "a file of the main schema": 'from main."/etc/passwd"',
    "a file in a recursion": "with recursive a as (select 1 x union all from '/etc/passwd') from a",
    "a file in a shadowed with": "with a as (with a as (from '/etc/passwd') from a) from a",
    "a file in an unpivot": "from '/etc/passwd' unpivot (v for n in (a))",
    "a file behind time travel": "from '/etc/passwd' at (version => 1)",
    "ducklake_table_changes": "from ducklake_table_changes('lake', 'bronze', 'shop_order', 0, 9)",
    "ducklake_add_data_files": "call ducklake_add_data_files('lake', 'shop_order', '/etc/passwd')",
    "set_commit_message": "call lake.set_commit_message('x', 'y')",
    "duckdb_variables()": "from duckdb_variables()",
    "duckdb_memory()": "from duckdb_memory()",
    "duckdb_temporary_files()": "from duckdb_temporary_files()",
    "duckdb_prepared_statements()": "from duckdb_prepared_statements()",
    "duckdb_log_contexts()": "from duckdb_log_contexts()",
    "enable_logging": "call enable_logging('QueryLog')",
    "set for all": "set global threads = 100",
    "force install": "force install httpfs from community",
    "update extensions": "update extensions",
    "copy as parquet": "copy (select 1) to '/tmp/x' (format parquet)",
    "explain analyze of a copy": "explain analyze copy (select 1) to '/tmp/x'",
    "prepare a copy": "prepare q as copy (select 1) to '/tmp/x'",
    "select into": f"select * into bronze.x from {T}",
    "a temporary macro": "create temp macro f() as table from read_text('/etc/passwd')",
    "alter a database": "alter database lake rename to x",
    "getenv in small capitals": "select \u0262etenv('HOME')",
    "getenv with a joiner": "select get\u200denv('HOME')",
    "getenv behind a schema": "select main.getenv('HOME')",
    "getenv as a method": "select 'HOME'.getenv()",
    "getenv behind a comment": "select getenv/**/('HOME')",
    "a shape put together": "select from_json('[]', repeat('[', 100000) || repeat(']', 100000))",
    "a shape by name": "select from_json('[]', structure := repeat('[', 100000))",
    "a shape of a column": f"select customer.json_transform(customer) from {T}",
    "a deep shape": f"""select from_json('[]', '{"[" * 900}"JSON"{"]" * 900}')""",
    "json_structure": "select json_structure(repeat('[', 100000) || repeat(']', 100000))",
    "json_group_structure": f"select json_group_structure(customer) from {T}",
    "json_merge_patch": """select json_merge_patch('{}', repeat('{"a":', 100000))""",
    "json_contains": "select json_contains(repeat('[', 100000) || repeat(']', 100000), '1')",
    "damerau_levenshtein": "select damerau_levenshtein(repeat('a', 99999), repeat('b', 99999))",
    "lambdas in lambdas": f"select {'list_transform([1], x -> ' * 11}1{')' * 11}",
    "comprehensions in comprehensions": f"select {'[' * 11}1{' for x in [1]]' * 11}",
    "unpivots in unpivots": f"from {'(from ' * 10}{T}{' unpivot (v for n in (a)))' * 10} "
    "unpivot (v for n in (a))",
    "operators in a row": f"select 1 {'+' * 4000}1",
    "comments in comments": f"select 1 {'/*' * 400_000}",
    "comments closed again": f"select 1 {'/*' * 50_000}{'*/' * 50_000}",
    "a command to the terminal": "select \x1b[2J",
    "a command to the terminal in quotes": "select '\x1b]0;owned\a",
    "a command to the terminal as a table": 'from "\x1b[2J"',
    "a command to the terminal as a function": 'select "\x1b[2J"()',
    "text turned around": 'from "\u202egpj.xe"',
    "a long quotation": f"select '{'x' * 100_000}",
    "a long name of a table": f'from bronze."/{"x" * 100_000}"',
    "a long name of a function": f'select "{"x" * 100_000}"()',
}

POSITIONS = {
    "selected": "select {f}",
    "aliased": "select {f} as id from bronze.shop_order",
    "argument": "select upper({f})",
    "operand": "select 'a' || {f}",
    "cast": "select {f}::int",
    "case when": "select case when {f} = 'a' then 1 end",
    "case then": "select case when true then {f} end",
    "case else": "select case when true then 'a' else {f} end",
    "in": "select 'a' in ('b', {f})",
    "between": "select 'a' between 'b' and {f}",
    "is null": "select {f} is null",
    "coalesce": "select coalesce(null, {f})",
    "collate": "select {f} collate nocase",
    "list": "select [{f}]",
    "struct": "select {{'a': {f}}}",
    "map": "select map {{'a': {f}}}",
    "index": "select 'abc'[{f}::int]",
    "slice": "select [1, 2][1:{f}::int]",
    "field": "select ({f}).a",
    "method": "select ({f}).upper()",
    "lambda": "select list_transform([1], lambda x: {f})",
    "comprehension": "select [{f} for x in [1]]",
    "columns": "select columns(c -> {f} = c) from bronze.shop_order",
    "replace": "select * replace ({f} as id) from bronze.shop_order",
    "where": "from bronze.shop_order where customer = {f}",
    "group by": "select 1 from bronze.shop_order group by {f}",
    "grouping sets": "select 1 from bronze.shop_order group by grouping sets ((id, {f}))",
    "having": "select 1 from bronze.shop_order group by id having {f} = 'a'",
    "qualify": "from bronze.shop_order qualify row_number() over (order by {f}) = 1",
    "order by": "from bronze.shop_order order by {f}",
    "limit": "from bronze.shop_order limit {f}::int",
    "offset": "from bronze.shop_order limit 1 offset {f}::int",
    "distinct on": "select distinct on ({f}) id from bronze.shop_order",
    "aggregate": "select max({f}) from bronze.shop_order",
    "aggregate's filter": "select count(*) filter ({f} = 'a') from bronze.shop_order",
    "aggregate's order": "select string_agg(id, ',' order by {f}) from bronze.shop_order",
    "window's argument": "select lag(id, {f}::int) over () from bronze.shop_order",
    "window's default": "select lag(id, 1, {f}) over () from bronze.shop_order",
    "window's partition": "select rank() over (partition by {f}) from bronze.shop_order",
    "window's frame": "select sum(id) over (order by id rows {f}::int preceding) from bronze.shop_order",
    "window's filter": "select sum(id) filter ({f} = 'a') over () from bronze.shop_order",
    "named window": "select rank() over w from bronze.shop_order window w as (order by {f})",
    "join": "from bronze.shop_order a join bronze.shop_order b on {f} = 'a'",
    "subquery": "from (select {f})",
    "scalar subquery": "select (select {f})",
    "any": "select 'a' = any (select {f})",
    "any's left": "select {f} = any (select 'a')",
    "with": "with a as (select {f}) select 1",
    "recursion": "with recursive a as (select 'a' x union all select {f} from a) from a",
    "recursion's start": "with recursive a as (select {f} x union all select x from a) from a",
    "union": "select 'a' union all select {f}",
    "values": "values ({f})",
    "lateral": "from bronze.shop_order, lateral (select {f})",
    "table function": "from range({f}::int)",
    "unnest": "from unnest([{f}])",
    "pivot's aggregate": "from bronze.shop_order pivot (max({f}) for id in (1))",
    "pivot's column": "from (pivot bronze.shop_order on (id || {f}) in ('1a') using max(id))",
    "time travel": "from bronze.shop_order at (version => {f}::int)",
}


@pytest.mark.parametrize("sql", ALLOWED.values(), ids=list(ALLOWED))
def test_a_select_on_the_lakes_tables_is_allowed_and_runs(session: Session, sql: str) -> None:
    assert session.sql(sql).fetchall()


@pytest.mark.parametrize("sql", REFUSED.values(), ids=list(REFUSED))
def test_all_else_is_refused_in_one_plain_line(session: Session, sql: str) -> None:
    started = time.monotonic()
    with pytest.raises(QueryRefusedError) as refused:
        session.sql(sql)
    assert time.monotonic() - started < 2
    line = str(refused.value)
    assert line
    assert line.isprintable()
    assert len(line) < 300


def test_a_lines_worth_of_signs_is_allowed() -> None:
    stars, dashes = "*" * 300, "-" * 300
    check(f"/{stars}\n{dashes}\n{stars}/ select '{dashes}', '{'=' * 300}' {dashes}")


def test_many_common_tables_take_no_more_than_their_share(session: Session) -> None:
    tables = ", ".join(f"c{n} as (from c{n - 1})" for n in range(1, 5000))
    tracemalloc.start()
    check(f"with c0 as (select 1), {tables} select 1")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50_000_000


def test_what_is_nested_a_little_is_allowed() -> None:
    check(f"select {'list_transform([1], x -> ' * 10}1{')' * 10}")
    check("select x.from_json('{\"a\": [\"BIGINT\"]}') from (select '{}' as x)")


@pytest.mark.parametrize("sql", POSITIONS.values(), ids=list(POSITIONS))
def test_a_function_that_is_not_allowed_is_refused_wherever_it_stands(sql: str) -> None:
    check(sql.format(f="md5('a')"))
    with pytest.raises(QueryRefusedError, match="the function getenv is not allowed"):
        check(sql.format(f="getenv('HOME')"))


@pytest.mark.parametrize("sql", POSITIONS.values(), ids=list(POSITIONS))
def test_the_paths_of_data_files_are_told_nowhere(sql: str) -> None:
    with pytest.raises(QueryRefusedError, match=r"filename is not allowed.+ _source says which"):
        check(sql.format(f="filename"))


@pytest.mark.parametrize(
    "sql",
    [
        f'select "FileName" from {T}',
        f"select t.filename from {T} t",
        f"select lake.{T}.filename from lake.{T}",
        f"select x.filename from (from {T}) x",
        f"select filename.upper() from {T}",
        f"select t.filename.upper() from {T} t",
        f"select filename[1:9] from {T}",
        f"select 1 from {T} join (select '/x' as filename) using (filename)",
        f"select 1 from {T} a asof join {T} b using (filename, id)",
        f"from {T} at (version => 2) where filename like '/%'",
        f"select filename from {T} using sample 1",
        f"from (pivot {T} on filename in ('a') using count(*))",
    ],
)
def test_the_paths_of_data_files_are_told_in_no_spelling(session: Session, sql: str) -> None:
    with pytest.raises(QueryRefusedError, match="filename is not allowed"):
        session.sql(sql)


@pytest.mark.parametrize(
    "sql",
    [
        f"from {T}",
        f"select t from {T} t",
        f"select unnest(t) from {T} t",
        f"select columns(*) from {T}",
        f"select * rename (filename as x) from {T}",
        f"select columns('filename|id') from {T}",
        f"select columns(['filename']) from {T}",
        f"select columns(c -> c in ('filename', 'id')) from {T}",
        f"select t['filename'] from {T} t",
        f"select (t).filename from {T} t",
        f"from {T} natural join {T} b",
        f"from {T} unpivot (v for n in (filename))",
        f"select #6 from {T}",
        f"select rowid, file_row_number, snapshot_id, file_index from {T}",
    ],
)
def test_what_means_all_columns_means_none_that_tells_paths(session: Session, sql: str) -> None:
    try:
        said = str(session.sql(f"select r::varchar from ({sql}) r limit 5").fetchall())
    except QueryRefusedError as error:
        said = str(error)
    assert str(session.lake.settings.home) not in said
    assert "ducklake" not in said
    assert ".parquet" not in said


def test_a_column_that_is_called_as_the_paths_are_can_be_read(lake: Lake) -> None:
    with lake.connect() as writer:
        writer.execute("create table bronze.scan as select 'a.pdf' as filename")
    with Session(lake) as reader:
        for sql in ("columns('^filename$') from", "* from", "t['filename'] from"):
            assert reader.sql(f"select {sql} bronze.scan t").fetchall() == [("a.pdf",)]


@pytest.mark.parametrize("position", sorted(POSITIONS.keys() - {"method", "pivot's column"}))
def test_a_table_that_is_not_the_lakes_is_refused_wherever_it_stands(position: str) -> None:
    sql = POSITIONS[position]
    with pytest.raises(QueryRefusedError, match="none of the lake's tables"):
        check(sql.format(f="(select a from '/etc/passwd')"))


def test_the_tables_of_a_query_are_told() -> None:
    sql = "with ledger as (from ops.ledger) from ledger, Lake.GOLD.dim_customer, range(3)"
    assert check(sql) == Reach(frozenset({"ops.ledger", "gold.dim_customer"}), frozenset(), ())
    past = (
        "from bronze.a, (from lake.Bronze.B at (version => 1)), bronze.a c at (timestamp => now())"
    )
    tables = frozenset({"bronze.a", "bronze.b"})
    assert check(past) == Reach(tables, tables, ("now()",))
    assert check("from bronze.a, bronze.b at (version => 1)").past == {"bronze.b"}


def test_an_unknown_function_is_answered_with_the_nearest() -> None:
    with pytest.raises(QueryRefusedError, match=r"sume is not allowed; did you mean sum\?"):
        check("select sume(1)")


def test_a_query_that_cannot_be_read_is_answered_with_its_line() -> None:
    with pytest.raises(QueryRefusedError, match='line 3: syntax error at or near "x"'):
        check("select 'é'\n,1\nform x")
