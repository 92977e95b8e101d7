-- Goods: what is shipped and comes back, between the companies, made, and bought.
create or replace table between_lines as
select
    7 * (f.ships // 7 + 1) as n,
    'AWSIC' || lpad((f.ships // 7)::varchar, 4, '0') as order_id,
    'AHPIC' || lpad((f.ships // 7)::varchar, 4, '0') as purchase_id,
    l.product_id,
    sum(l.quantity)::integer as quantity,
    money(any_value(p.cost) * 1.3) as price
from drawn_lines as l
inner join fates as f on l.order_id = f.order_id
inner join products as p on l.product_id = p.product_id and p.company = 'AW'
where
    l.company = 'AH'
    and not f.is_cancelled
    and l.unit <> 'month'
    and 7 * (f.ships // 7 + 1) <= getvariable('last_day')
group by all;

create or replace table lines as
select
    * exclude (discount),
    discount,
    money(price * quantity * (100 - discount) * 0.01) as net
from drawn_lines
union all
select
    'AW' as company,
    n,
    order_id,
    order_id || '-' || product_id as line_id,
    row_number() over (partition by order_id order by product_id) as line_no,
    product_id,
    'piece' as unit,
    quantity,
    price,
    0 as discount,
    money(price * quantity) as net
from between_lines;

create or replace table orders as
select *
from fates
union all
select distinct
    'AW' as company,
    n,
    order_id,
    'AWCAH' as customer_id,
    'EUR' as currency,
    'GRZ' as site,
    'group' as channel,
    0.0 as slowness,
    n + 1 as ships,
    false as is_cancelled,
    null as amends
from between_lines;

create or replace table comebacks as
select
    l.company,
    l.line_id || 'R' as return_id,
    l.order_id,
    l.line_id,
    l.product_id,
    o.customer_id,
    o.currency,
    o.site,
    o.ships + among('back', l.line_id, 3, 20) as n,
    among('backs', l.line_id, 1, l.quantity) as quantity,
    money(l.price * among('backs', l.line_id, 1, l.quantity) * (100 - l.discount) * 0.01) as net
from lines as l
inner join orders as o on l.order_id = o.order_id
where
    u('return', l.line_id) < 0.03
    and o.channel not in ('plan', 'group')
    and not o.is_cancelled
    and o.ships + among('back', l.line_id, 3, 20) <= getvariable('last_day');

-- A lot is as many as were shipped of a product in the week before.
create or replace table lots as
select
    7 * (o.ships // 7 + 1) as n,
    'AWF' || lpad((o.ships // 7)::varchar, 4, '0') || l.product_id as production_id,
    l.product_id,
    sum(l.quantity)::integer as quantity,
    sum(if(o.site = 'GRZ', l.quantity, 0))::integer as onward
from lines as l
inner join orders as o on l.order_id = o.order_id
where
    o.company = 'AW'
    and not o.is_cancelled
    and 7 * (o.ships // 7 + 1) <= getvariable('last_day')
group by all;

create or replace table finished_lots as
select
    *,
    n + 3 + (u('lot', production_id) < 0.1)::integer as finishes
from lots;

create or replace table purchase_lines as
with used as (
    select
        7 * (l.n // 7 + 1) + 1 as n,
        r.material_id,
        sum(l.quantity * r.quantity)::integer as quantity
    from lots as l
    inner join recipes as r on l.product_id = r.product_id
    where 7 * (l.n // 7 + 1) + 1 <= getvariable('last_day')
    group by all
),

ordered as (
    select
        u.*,
        v.supplier_id,
        v.currency,
        'AWP' || lpad(u.n::varchar, 4, '0') || v.supplier_id[4:] as purchase_id
    from used as u
    inner join vendors as v
        on v.company = 'AW' and v.i = u.material_id[2:]::integer % 20
)

select
    'AW' as company,
    o.n,
    o.purchase_id,
    o.purchase_id || '-' || o.material_id as line_id,
    o.supplier_id,
    o.currency,
    o.material_id as product_id,
    'pack' as unit,
    10 as base_units,
    ceil(o.quantity / 10)::integer as quantity,
    money(10 * p.cost * (0.97 + 0.08 * u('paid', o.purchase_id || o.material_id))) as price,
    o.n + among('arrives', o.purchase_id, 5, 9) as arrives
from ordered as o
inner join products as p on p.company = 'AW' and o.material_id = p.product_id
union all
select
    'AH' as company,
    n,
    purchase_id,
    purchase_id || '-' || product_id as line_id,
    'AHVAW' as supplier_id,
    'EUR' as currency,
    product_id,
    'piece' as unit,
    1 as base_units,
    quantity,
    price,
    n + 3 as arrives
from between_lines;

create or replace table moves as
with found as (
    -- Enough for eight weeks of what is expected.
    select
        0 as n,
        s.company,
        s.site,
        p.product_id,
        'opening' as kind,
        'OPENING' as document_id,
        s.site || p.product_id as part,
        ceil(case p.kind
            when 'material' then 120 * getvariable('orders') + 200
            else
                60 + 500 * getvariable('orders')
                * (pow((p.rank + 1) / 120, 2 / 3) - pow(p.rank / 120, 2 / 3))
        end)::integer as quantity
    from (values ('AW', 'VIE'), ('AW', 'GRZ'), ('AH', 'ZRH')) as s (company, site)
    inner join products as p
        on
            s.company = p.company and p.kind <> 'service'
            and (p.kind = 'finished' or s.site = 'VIE')
    union all
    select
        o.ships,
        o.company,
        o.site,
        l.product_id,
        'shipment',
        o.order_id,
        l.line_id,
        -l.quantity
    from lines as l
    inner join orders as o on l.order_id = o.order_id
    where not o.is_cancelled and l.unit <> 'month'
    union all
    select
        n,
        company,
        site,
        product_id,
        'return',
        return_id,
        return_id,
        quantity
    from comebacks
    union all
    select
        arrives,
        company,
        if(company = 'AW', 'VIE', 'ZRH'),
        product_id,
        'receipt',
        purchase_id,
        line_id,
        quantity * base_units
    from purchase_lines
    union all
    select
        l.n,
        'AW',
        'VIE',
        r.material_id,
        'consumption',
        l.production_id,
        l.production_id || r.material_id,
        -l.quantity * r.quantity
    from lots as l
    inner join recipes as r on l.product_id = r.product_id
    union all
    select
        finishes,
        'AW',
        'VIE',
        product_id,
        'output',
        production_id,
        production_id,
        quantity
    from finished_lots
    union all
    select
        l.finishes + 1,
        'AW',
        s.site,
        l.product_id,
        'transfer',
        l.production_id,
        l.production_id || s.site,
        s.sign * l.onward
    from finished_lots as l
    cross join (values ('VIE', -1), ('GRZ', 1)) as s (site, sign)
    where l.onward > 0
)

select
    *,
    company || upper(kind[1:2]) || part as movement_id
from found
where n <= getvariable('last_day');
