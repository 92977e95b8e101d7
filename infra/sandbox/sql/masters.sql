-- Days, rates, sites, products, customers, suppliers: all that documents are made of.
create or replace table days as
select
    n,
    date_of(n) as day,
    isodow(date_of(n)) as weekday,
    n // 7 as week,
    (1 + 0.25 * sin(2 * pi() * n / 91))
    * (
        case
            when u('promotion', n // 7) < 0.2 and n % 7 between 1 and 3 then 1.6
            else 1
        end
    ) as demand
from (select unnest(range(getvariable('last_day') + 1)) as n);

create or replace table rates as
with steps as (
    select
        d.n,
        d.day,
        c.currency,
        c.base,
        round((u('rate', c.currency || d.n) - 0.5) * 0.012, 8)::decimal(12, 8) as step
    from days as d
    cross join (values ('CHF', 0.94), ('USD', 1.04), ('GBP', 0.83)) as c (currency, base)
)

select
    n,
    day,
    currency,
    round(base * exp((sum(step) over (partition by currency order by n))::double), 5)::decimal(
        12, 5
    ) as per_euro
from steps
union all
select
    n,
    day,
    'EUR' as currency,
    1::decimal(12, 5) as per_euro
from days;

-- From a document's currency to another: one factor that the books show and multiply by. It is
-- wider than 18 digits, since DuckDB else multiplies in 64 bits, too few for 93 million.
create or replace table factors as
select
    a.n,
    a.currency,
    b.currency as into_currency,
    case
        when a.currency = b.currency then 1
        else round(b.per_euro::double / a.per_euro::double, 8)
    end::decimal(20, 8) as factor
from rates as a
inner join rates as b on a.n = b.n;

create or replace table companies as
select * from (
    values ('AW', 'EUR', 0.20::decimal(4, 3)), ('AH', 'CHF', 0.081::decimal(4, 3))
) as c (company, currency, tax_rate);

-- Ranks count from 0; what is popular has a low one.
create or replace table goods as
select
    'P' || lpad(i::varchar, 4, '0') as product_id,
    'finished' as kind,
    i as rank,
    one_of('shape', i, ['Shelf', 'Lamp', 'Chair', 'Desk', 'Stool', 'Rack', 'Bench', 'Tray'])
    || ' ' || one_of('wood', i, ['alder', 'ash', 'birch', 'larch', 'walnut'])
    || ' ' || i as name,
    'piece' as unit,
    money(8 + 160 * pow(u('cost', i), 2)) as cost
from (select unnest(range(120)) as i)
union all
select
    'M' || lpad(i::varchar, 4, '0') as product_id,
    'material' as kind,
    i as rank,
    one_of('stuff', i, ['Board', 'Screw', 'Lacquer', 'Cable', 'Felt']) || ' ' || i as name,
    (['piece', 'kg', 'm', 'l'])[1 + i % 4] as unit,
    money(0.4 + 9 * u('material', i)) as cost
from (select unnest(range(60)) as i)
union all
select
    'S' || lpad(i::varchar, 4, '0') as product_id,
    'service' as kind,
    i as rank,
    'Service plan ' || (['small', 'usual', 'large'])[1 + i] as name,
    'month' as unit,
    0::decimal(18, 2) as cost
from (select unnest(range(3)) as i);

-- What a company has in stock is valued at a standard cost in its own currency.
create or replace table products as
select
    c.company,
    c.currency,
    g.* exclude (cost),
    case c.company when 'AW' then g.cost else money(g.cost * 1.3 * 0.95) end as cost
from goods as g
inner join companies
    as c on c.company = 'AW' and g.kind <> 'service'
or c.company = 'AH' and g.kind <> 'material';

-- A finished good is made of two materials.
create or replace table recipes as
select
    product_id,
    'M' || lpad(((rank * 7 + part * 13) % 60)::varchar, 4, '0') as material_id,
    among('recipe', product_id || part, 1, 3) as quantity
from goods
cross join (values (0), (1)) as p (part)
where kind = 'finished';

create or replace table prices as
with q as (select unnest(range(getvariable('last_day') // 90 + 1)) as quarter)

select
    c.currency || g.product_id || q.quarter as price_id,
    g.product_id,
    c.currency,
    q.quarter,
    money(
        case g.kind
            when 'service' then 9 + 10 * g.rank
            else g.cost::double * c.times * 2
        end * pow(1.012, q.quarter) * (1 + 0.02 * u('price', g.product_id || q.quarter))
    ) as price
from goods as g
cross join (values ('EUR', 1), ('CHF', 1), ('USD', 1.1), ('GBP', 0.9)) as c (currency, times)
cross join q
where g.kind <> 'material';

create or replace table clients as
with n as (select unnest(range(getvariable('clients'))) as i),

numbered as (
    select
        c.company,
        c.currency as own,
        i,
        c.company || 'C' || lpad(i::varchar, 6, '0') as customer_id
    from companies as c
    inner join n
        on c.company = 'AH' or n.i < getvariable('clients') // 3
),

drawn as (
    select
        *,
        case
            when u('old', customer_id) < 0.8 then among('before', customer_id, -700, -1)
            else among('born', customer_id, 0, 720)
        end as born,
        u('strain', customer_id) as strain,
        u('slowness', customer_id) as slowness,
        u('plan', customer_id) < 0.4 and company = 'AH' as has_plan
    from numbered
)

select
    *,
    -- Whoever is there on day 0 has stayed until then.
    greatest(born, 0) + 30 * (1 + floor(
        ln(1 - u('leaves', customer_id)) / ln(1 - (0.015 + 0.08 * strain * strain))
    ))::integer as leaves,
    case
        when company = 'AW' and u('currency', customer_id) < 0.10 then 'USD'
        when company = 'AW' and u('currency', customer_id) < 0.15 then 'GBP'
        when company = 'AH' and u('currency', customer_id) < 0.15 then 'EUR'
        else own
    end as currency
from drawn
where born <= getvariable('last_day');

create or replace table vendors as
with prep_1 as (select unnest(range(20)) as i)

select
    c.company,
    c.company || 'V' || lpad(i::varchar, 4, '0') as supplier_id,
    case when c.company = 'AW' and i % 5 = 0 then 'USD' else c.currency end as currency,
    i
from companies as c
cross join prep_1;
