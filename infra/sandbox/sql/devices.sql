-- Readings of machines each half hour. A machine runs from repair to failure, and the last fifth of
-- that shows in its readings; which mode it is, is written nowhere.
create or replace table runs as
with drawn as (
    select
        machine,
        k,
        round(20 + 40 * u('life', machine || '-' || k), 3)::decimal(9, 3) as life,
        round(0.25 + 0.75 * u('repair', machine || '-' || k), 3)::decimal(9, 3) as repair,
        one_of('mode', machine || '-' || k, ['bearing', 'cooling', 'motor']) as mode
    from (select unnest(range(getvariable('machines'))) as machine)
    cross join (select unnest(range(getvariable('to_day') // 20 + 3)) as k)
)

select
    *,
    (
        sum(life + repair) over (partition by machine order by k)
        - life - repair - round(20 * u('age', machine), 3)
    )::double as starts
from drawn;

create or replace table readings as
with slots as (
    select
        r.machine,
        r.mode,
        s.n,
        s.slot,
        r.machine || '-' || (s.n * 48 + s.slot) as k,
        (s.n + s.slot / 48 - r.starts) / r.life::double as wear
    from (
        select
            n,
            unnest(range(48)) as slot
        from (
            select unnest(range(getvariable('first_day'), getvariable('to_day') + 1)) as n
        )
    ) as s
    inner join runs as r
        on
            s.n + s.slot / 48 >= r.starts
            and s.n + s.slot / 48 < r.starts + r.life::double + r.repair::double
),

states as (
    select
        *,
        case
            when wear >= 1 then 'failed'
            when slot between 12 and 43 and u('idle', k) > 0.05 then 'running'
            else 'idle'
        end as state,
        greatest(0, (wear - 0.8) * 5) as fade
    from slots
)

select
    n,
    slot,
    machine,
    k,
    'R' || lpad(n::varchar, 4, '0') || lpad(slot::varchar, 2, '0') || lpad(machine::varchar, 5, '0')
        as reading_id,
    'M' || lpad(machine::varchar, 5, '0') as machine_id,
    if(machine % 3 = 2, 'GRZ', 'VIE') as site,
    strftime(
        date_of(n)::timestamp + to_minutes(slot * 30) + to_seconds(among('tick', k, 0, 59)),
        '%Y-%m-%dT%H:%M:%SZ'
    ) as read_at,
    state,
    round(
        case state when 'running' then 62 when 'idle' then 34 else 22 end + 4 * u('heat', k)
        + if(state = 'running', fade * (
            case mode when 'cooling' then 30 when 'bearing' then 12 * fade else 2 end
        ), 0), 2
    ) as temperature,
    round(
        if(
            state = 'running', 2.2 + 0.6 * u('shake', k)
            + fade * fade * case mode when 'bearing' then 7 else 0.4 end, 0.1 * u('shake', k)
        ), 3
    ) as vibration,
    round(
        if(
            state = 'failed', 0, 6 + 0.3 * u('press', k)
            - if(mode = 'motor', 1.5 * fade, 0)
        ), 3
    ) as pressure,
    round(case state
        when 'running' then 18 + 2 * u('draw', k) + if(mode = 'motor', 6 * fade, 0)
        when 'idle' then 3 + u('draw', k)
        else 0
    end, 3) as power
from states;

create or replace table lines_of_devices as
with texts as (
    select
        n,
        reading_id,
        read_at || reading_id as place,
        to_json({
            'reading_id': reading_id, 'machine_id': machine_id, 'site': site,
            'read_at': read_at, 'temperature': temperature, 'vibration': vibration,
            'pressure': pressure, 'power': power, 'state': state
        })::varchar as line
    from readings
),

chosen as (
    select * from texts
    where n % 7 = 4
    qualify
        row_number() over (partition by n order by hash(reading_id), reading_id)
        <= ceil(getvariable('scale'))
)

select
    'devices/reading' as topic,
    n,
    place,
    line,
    null as kind
from texts
union all
select
    'devices/reading',
    n,
    place,
    line,
    're-sent'
from texts
where u('again', reading_id) < 0.002
union all
select
    'devices/reading',
    n,
    place,
    regexp_replace(
        replace(line, '"R', '"RX'), '"temperature":[^,]+', '"temperature":"hot"'
    ),
    'device_reading.temperature'
from chosen
union all
select
    'devices/reading',
    n,
    place,
    regexp_replace(replace(line, '"R', '"RY'), '"machine_id":"[^"]+"', '"machine_id":null'),
    'device_reading.machine_id'
from chosen
union all
select
    'devices/reading',
    n,
    place,
    left(line, 60),
    'device_reading.cut off'
from chosen;
