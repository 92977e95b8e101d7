-- Rates, instruments, quotes and trades. Some are written late, some twice; a segment is of the day
-- on which its events were written, and in that order.
create or replace table instruments as
select
    i,
    'IN' || lpad(i::varchar, 3, '0') as instrument_id,
    'Made-up share ' || i as name,
    (['EUR', 'CHF', 'USD'])[1 + i % 3] as currency,
    20 + 180 * u('worth', i) as worth
from (select unnest(range(24)) as i);

create or replace table ticks as
with numbered as (
    select
        n,
        kind,
        unnest(range(
            if(kind = 'quote', getvariable('quotes'), getvariable('trades'))
        )) as i
    from (
        select unnest(range(
            greatest(getvariable('first_day') - 1, 0), getvariable('to_day') + 1
        )) as n
    )
    cross join (values ('quote'), ('trade')) as k (kind)
    where isodow(date_of(n)) < 6
),

keyed as (
    select
        *,
        upper(kind[1]) || lpad(n::varchar, 4, '0') || lpad(i::varchar, 6, '0') as k
    from numbered
),

timed as (
    select
        t.*,
        m.instrument_id,
        m.currency,
        moment_of(t.n, 'tick', t.k, 7, 16.9) as happened,
        m.worth * exp(0.1 * sin(t.n / 17 + m.i) + 0.01 * (u('move', t.k) - 0.5)) as price,
        case
            when u('late', t.k) < 0.002 then 28800
            when u('late', t.k) < 0.02 then among('delay', t.k, 5, 90)
            else 0
        end as delay
    from keyed as t
    inner join instruments as m on m.i = among('which', t.k, 0, 23)
)

select
    *,
    happened + to_seconds(delay) as written
from timed;

create or replace table lines_of_market as
with texts as (
    select
        k,
        kind,
        delay,
        written,
        case kind
            when 'quote'
                then to_json({
                    'quote_id': k, 'instrument_id': instrument_id, 'currency': currency,
                    'quoted_at': strftime(happened, '%Y-%m-%dT%H:%M:%SZ'),
                    'bid': round(price * 0.9995, 4)::decimal(18, 4)::varchar,
                    'ask': round(price * 1.0005, 4)::decimal(18, 4)::varchar,
                    'size': among('size', k, 1, 50) * 100
                })::varchar
            else to_json({
                'trade_id': k, 'instrument_id': instrument_id, 'currency': currency,
                'traded_at': strftime(happened, '%Y-%m-%dT%H:%M:%SZ'),
                'price': round(price, 4)::decimal(18, 4)::varchar,
                'quantity': among('size', k, 1, 50) * 10,
                'side': one_of('side', k, ['buy', 'sell'])
            })::varchar
        end as line
    from ticks
),

told as (
    select
        *,
        null as fault
    from texts
    union all
    select
        k,
        kind,
        delay,
        written + to_seconds(among('gap', k, 1, 60)),
        line,
        're-sent'
    from texts
    where u('again', k) < 0.005
    union all
    select
        k,
        kind,
        delay,
        written,
        regexp_replace(
            replace(line, '"Q', '"QX'), '"ask":"[^"]+"', '"ask":"-1"'
        ),
        'market_quote.ask'
    from texts
    where kind = 'quote' and extract(dow from written) = 3
    qualify
        row_number() over (partition by written::date order by k)
        <= ceil(getvariable('scale'))
    union all
    select
        k,
        kind,
        delay,
        written,
        regexp_replace(replace(line, '"T', '"TX'), '"quantity":[0-9]+', '"quantity":0'),
        'market_trade.quantity'
    from texts
    where kind = 'trade' and extract(dow from written) = 4
    qualify
        row_number() over (partition by written::date order by k)
        <= ceil(getvariable('scale'))
)

select
    'market/' || kind as topic,
    (written::date - date_of(0))::integer as n,
    strftime(written, '%H:%M:%S') || k || coalesce(fault, '') as place,
    line,
    coalesce(fault, if(delay > 0, 'out of order', null)) as kind
from told
union all
select
    'market/fx_rate',
    n,
    currency,
    to_json({
        'currency': currency, 'rate_on': day::varchar, 'per_euro': per_euro::varchar
    })::varchar,
    null
from rates
where currency <> 'EUR'
union all
select
    'market/instrument',
    0,
    instrument_id,
    to_json({
        'instrument_id': instrument_id, 'name': name, 'currency': currency
    })::varchar,
    null
from instruments;
