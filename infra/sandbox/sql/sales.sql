-- Orders with all that will become of them, and their lines.
create or replace table drawn_orders as
with numbered as (
    select
        c.company,
        d.n,
        d.weekday,
        unnest(range(floor(
            getvariable('orders') * d.demand * case
                when c.company = 'AW' then [1.2, 1.1, 1, 1, 0.9, 0, 0][d.weekday]
                else [1.0, 0.9, 1, 1.2, 1.5, 2.4, 0][d.weekday]
            end + u('orders', c.company || d.n)
        )::integer)) as i
    from companies as c
    cross join days as d
),

keyed as (
    select
        company,
        n,
        company || 'S' || lpad(n::varchar, 4, '0') || lpad(i::varchar, 5, '0') as order_id
    from numbered
)

select
    k.company,
    k.n,
    k.order_id,
    c.customer_id,
    c.currency,
    c.strain,
    c.slowness,
    case
        when k.company = 'AH' then 'ZRH'
        when u('site', k.order_id) < 0.5 then 'VIE'
        else 'GRZ'
    end as site,
    case
        when k.company = 'AW' then 'sales'
        when u('channel', k.order_id) < 0.6 then 'web'
        else 'shop'
    end as channel
from keyed as k
inner join clients as c
    on
        k.company = c.company
        and c.i = floor(
            pow(u('customer', k.order_id), 1.3)
            * case k.company
                when 'AW' then getvariable('clients') // 3 else getvariable('clients')
            end
        )::integer
        and k.n >= c.born
        and k.n < c.leaves;

create or replace table plans as
select
    company,
    customer_id,
    currency,
    strain,
    slowness,
    'AHU' || customer_id[4:] as subscription_id,
    'S' || lpad(among('size', customer_id, 0, 2)::varchar, 4, '0') as product_id,
    greatest(born, 0) + among('starts', customer_id, 0, 20) as starts,
    leaves
from clients
where has_plan and greatest(born, 0) + among('starts', customer_id, 0, 20) < leaves;

-- A plan's order each 30 days.
create or replace table plan_orders as
select
    *,
    starts + 30 * k as n,
    subscription_id || lpad(k::varchar, 3, '0') as order_id
from (
    select
        *,
        unnest(range((least(leaves - 1, getvariable('last_day')) - starts) // 30 + 1)) as k
    from plans
    where starts <= getvariable('last_day')
);

create or replace table drawn_lines as
with numbered as (
    select
        *,
        unnest(range(1, 1 + least(5, 1 + floor(
            -1.2 * ln(1 - u('lines', order_id))
        )::integer))) as line_no
    from drawn_orders
),

goods_of as (
    select
        *,
        order_id || '-' || line_no as line_id,
        floor(pow(u('product', order_id || '-' || line_no), 1.5) * 120)::integer as rank
    from numbered
)

select
    g.company,
    g.n,
    g.order_id,
    g.line_id,
    g.line_no,
    p.product_id,
    'piece' as unit,
    1 + floor(
        pow(u('quantity', g.line_id), 3) * case g.company when 'AW' then 12 else 3 end
    )::integer as quantity,
    p.price,
    (
        case
            when u('discount', g.line_id) < 0.15 then among('rebate', g.line_id, 1, 4) * 5
            else 0
        end
    )::decimal(5, 2) as discount
from goods_of as g
inner join prices as p
    on
        p.product_id = 'P' || lpad(g.rank::varchar, 4, '0')
        and g.currency = p.currency
        and g.n // 90 = p.quarter
union all
select
    o.company,
    o.n,
    o.order_id,
    o.order_id || '-1' as line_id,
    1 as line_no,
    o.product_id,
    'month' as unit,
    1 as quantity,
    p.price,
    0::decimal(5, 2) as discount
from plan_orders as o
inner join prices as p
    on
        o.product_id = p.product_id
        and o.currency = p.currency
        and o.n // 90 = p.quarter;

create or replace table fates as
select
    company,
    n,
    order_id,
    customer_id,
    currency,
    site,
    channel,
    slowness,
    n + 1 + floor(u('lead', order_id) * 2 + strain * 5 * u('late', order_id))::integer as ships,
    u('cancelled', order_id) < 0.02 as is_cancelled,
    if(u('amended', order_id) < 0.04, n + among('amends', order_id, 15, 40), null) as amends
from drawn_orders
union all
select
    company,
    n,
    order_id,
    customer_id,
    currency,
    'ZRH' as site,
    'plan' as channel,
    slowness,
    n as ships,
    false as is_cancelled,
    null as amends
from plan_orders;
