-- Card payments from `first_day` on, and a week before, whose labels come now. What the patterns
-- are is said in README.md; `pattern` is truth, and is written nowhere.
create or replace table card_days as
select unnest(range(greatest(getvariable('first_day') - 7, 0), getvariable('to_day') + 1)) as n;

create or replace table card_payments as
with usual as (
    select
        n,
        'U' || n || '-' || i as k,
        floor(getvariable('cards') * pow(u('card', 'U' || n || '-' || i), 1.4))::integer as card,
        floor(300 * pow(u('terminal', 'U' || n || '-' || i), 1.6))::integer as terminal
    from (
        select
            n,
            unnest(range(getvariable('card_payments'))) as i
        from card_days
    )
),

usual_ones as (
    select
        n,
        k,
        card,
        terminal,
        moment_of(n, 'paid', k, 7, 14) as paid_at,
        money(3 + (20 + 60 * u('purse', card)) * -ln(1 - u('amount', k))) as amount,
        'CH' as country,
        if(terminal % 4 = 0, 'online', 'shop') as channel,
        if(
            u('captured', terminal || '-' || n // 5) < 0.01 and u('taken', k) < 0.33,
            'terminal', null
        ) as pattern
    from usual
),

struck as (
    select
        d.n,
        c.card,
        p.pattern,
        p.pattern || d.n || '-' || c.card as k,
        case p.pattern
            when 'burst' then among('length', d.n || '-' || c.card, 4, 8)
            when 'testing' then 4
            else 1
        end as payments
    from card_days as d
    cross join (select unnest(range(getvariable('cards'))) as card) as c
    inner join (
        values ('burst', 0.0004), ('abroad', 0.0006), ('testing', 0.0004)
    ) as p (pattern, chance) on u(p.pattern, d.n || '-' || c.card) < p.chance
),

frauds as (
    select
        *,
        unnest(range(payments)) as i
    from struck
),

all_ones as (
    select * from usual_ones
    union all
    select
        n,
        k || '-' || i,
        card,
        case pattern when 'burst' then 4 * among('at', k || i, 0, 74) else 4 * among('at', k, 0, 74)
        end as terminal,
        case pattern
            when 'abroad' then moment_of(n, 'paid', k, 1, 3)
            else moment_of(n, 'paid', k, 8, 12) + to_seconds(i * 400)
        end as paid_at,
        money(case pattern
            when 'burst' then 40 + 60 * i + 30 * u('amount', k || i)
            when 'abroad' then 400 + 900 * u('amount', k)
            else if(i < 3, 0.5 + u('amount', k || i), 480 + 19 * u('amount', k))
        end) as amount,
        if(pattern = 'abroad', one_of('abroad', k, ['BR', 'NG', 'US', 'VN']), 'CH') as country,
        if(pattern = 'abroad', 'shop', 'online') as channel,
        pattern
    from frauds
)

select
    *,
    'CT' || lpad(n::varchar, 4, '0') || left(md5(k), 12) as transaction_id
from all_ones;

create or replace table lines_of_cards as
with paid as (
    select
        n,
        concat_ws(
            ',', transaction_id, 'CARD' || lpad(card::varchar, 6, '0'),
            'T' || lpad(terminal::varchar, 4, '0'), strftime(paid_at, '%Y-%m-%dT%H:%M:%SZ'),
            amount, 'CHF', country, channel
        ) as line,
        strftime(paid_at, '%H:%M:%S') || transaction_id as place,
        transaction_id
    from card_payments
),

labelled as (
    select
        n + 7 as n,
        transaction_id || ',' || (pattern is not null)::integer || ',' || date_of(n + 7) as line,
        transaction_id as place
    from card_payments
)

select
    'cards/transaction' as topic,
    n,
    place,
    line,
    null as kind
from paid
union all
select
    'cards/transaction',
    n,
    place,
    line,
    're-sent'
from paid
where u('again', transaction_id) < 0.005
union all
select
    'cards/transaction',
    n,
    place,
    replace(line, ',CHF,', ',SFR,'),
    'card_transaction.currency' as kind
from (
    select * from paid
    where n % 7 = 2
)
qualify row_number() over (partition by n order by place) <= ceil(getvariable('scale'))
union all
select
    'cards/label',
    n,
    place,
    line,
    null
from labelled
union all
select
    topic,
    n,
    '' as place,
    if(
        topic = 'cards/label', 'transaction_id,is_fraud,reported_on',
        'transaction_id,card_id,terminal_id,paid_at,amount,currency,country,channel'
    ),
    'header'
from (values ('cards/transaction'), ('cards/label')) as t (topic)
cross join (
    select unnest(range(getvariable('first_day'), getvariable('to_day') + 1)) as n
)
where topic <> 'cards/label' or n >= 7;
