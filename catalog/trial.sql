-- Every type that a contract or a model makes: inserted, updated and deleted, in the catalog itself
-- and in files, and held against DuckDB's own answer.
create temp table expected as
select
    range::bigint as l,
    range::integer as i,
    range % 2 = 0 as b,
    (range / 7)::float as f,
    (range / 7)::double as d,
    (range / 7)::decimal(18, 2) as m,
    (range / 7)::decimal(38, 10) as w,
    'it''s "' || range || '" \ ä' as s,
    json_object('a', [range, null]) as j,
    encode('x' || range) || '\x00\xFF'::blob as x,
    '90c906dc-48d4-468a-8a17-1762e1728eb7'::uuid as u,
    date '2026-02-28' + range::integer as a_day,
    time '10:00:00.5' as at_time,
    timestamp '2026-03-29 02:30:00.123456' as t,
    timestamptz '2026-03-29 02:30:00.123456+02' as z,
    [range, null]::bigint[] as n,
    struct_pack(a := 'x', b := [range]) as r
from range(40);

create table lake.ops.move_trial as
from temp.expected
where l >= 8;
insert into lake.ops.move_trial
from temp.expected
where l < 4;
insert into lake.ops.move_trial
from temp.expected
where l between 4 and 7;
update lake.ops.move_trial set s = s || '!'
where l in (1, 5, 20);
update temp.expected set s = s || '!'
where l in (1, 5, 20);
delete from lake.ops.move_trial
where l in (2, 6, 21);
delete from temp.expected
where l in (2, 6, 21);
