-- What the ERP shows at the end of the last day. `_created` and `_written` are the days on which a
-- row came and was last written, `_resent` that it is one more copy; none of them is shown.
create or replace macro written_at(n, kind, k) as (moment_of(n, kind, k, 6, 17));

create or replace view erp_customer as
with known as (
    select
        *,
        greatest(born, 0) as _created,
        greatest(born, 0) + among('removal', customer_id, 20, 400) as moves_on
    from clients
)

select
    k.company,
    k.customer_id,
    if(
        k.company = 'AW',
        one_of('name', k.customer_id, ['Brook', 'Field', 'Stone', 'Hill', 'Lake', 'Wood', 'Marsh'])
        || ' & ' || one_of('name2', k.customer_id, ['Sons', 'Partner', 'Works', 'Interiors'])
        || ' ' || k.i,
        one_of('first', k.customer_id, ['Ada', 'Ben', 'Cleo', 'Dora', 'Emil', 'Finn', 'Gwen'])
        || ' ' || one_of('last', k.customer_id, ['Abel', 'Berg', 'Conti', 'Dahl', 'Egli', 'Frey'])
    ) as name,
    if(k.company = 'AW', 'trade', 'consumer') as segment,
    case k.currency
        when 'USD' then 'US' when 'GBP' then 'GB' when 'CHF' then 'CH'
        else one_of('country', k.customer_id, ['AT', 'DE', 'IT'])
    end as country,
    'Street ' || among(
        if(k.moves_on <= getvariable('last_day'), 'street2', 'street'), k.customer_id, 1, 240
    ) as street,
    k.currency,
    if(k.company = 'AW', 30, 0) as payment_days,
    money(500 * among('credit', k.customer_id, 1, 60)) as credit_limit,
    date_of(k.born) as customer_since,
    written_at(if(
        k.moves_on <= getvariable('last_day'), k.moves_on, k._created
    ), 'customer', k.customer_id) as updated_at,
    k._created,
    if(k.moves_on <= getvariable('last_day'), k.moves_on, k._created) as _written
from known as k
union all
select
    'AW',
    'AWCAH',
    'Alder Handel',
    'group',
    'CH',
    'Street 1',
    'EUR',
    20,
    0,
    date_of(-1000),
    written_at(0, 'customer', 'AWCAH'),
    0,
    0;

create or replace view erp_contact as
with known as (
    select
        c.company,
        c.customer_id,
        c.customer_id || 'K' || part as contact_id,
        part,
        greatest(c.born, 0) as _created,
        greatest(c.born, 0) + among('forgets', c.customer_id || part, 5, 1500) as ends
    from clients as c
    cross join (values (1), (2)) as p (part)
    where part = 1 or u('second', c.customer_id) < 0.4
)

select
    company,
    contact_id,
    customer_id,
    one_of('first', contact_id, ['Ida', 'Jon', 'Kim', 'Lea', 'Max', 'Noa', 'Otto']) as first_name,
    one_of('last', contact_id, ['Abel', 'Berg', 'Conti', 'Dahl', 'Egli', 'Frey']) as last_name,
    lower(contact_id) || '@example.com' as email,
    '+43 1 555' || lpad(among('phone', contact_id, 0, 9999)::varchar, 4, '0') as phone,
    if(ends <= getvariable('last_day'), written_at(ends, 'contact', contact_id), null)
        as deleted_at,
    written_at(if(ends <= getvariable('last_day'), ends, _created), 'contact', contact_id)
        as updated_at,
    _created,
    if(ends <= getvariable('last_day'), ends, _created) as _written
from known;

create or replace view erp_supplier as
select
    company,
    supplier_id,
    'Supplier ' || i || ' of ' || company as name,
    if(currency = 'USD', 'US', if(currency = 'CHF', 'CH', 'AT')) as country,
    currency,
    30 as payment_days,
    written_at(0, 'supplier', supplier_id) as updated_at,
    0 as _created,
    0 as _written
from vendors
union all
select
    'AH',
    'AHVAW',
    'Alder Werke',
    'AT',
    'EUR',
    20,
    written_at(0, 'supplier', 'AHVAW'),
    0,
    0;

create or replace view erp_product as
select
    company,
    product_id,
    name,
    kind,
    unit,
    cost as standard_cost,
    currency,
    written_at(0, 'product', company || product_id) as updated_at,
    0 as _created,
    0 as _written
from products;

create or replace view erp_product_unit as
select
    p.company,
    p.product_id || '-' || s.unit as product_unit_id,
    p.product_id,
    s.unit,
    s.base_units::decimal(12, 3) as base_units,
    written_at(0, 'unit', p.product_id) as updated_at,
    0 as _created,
    0 as _written
from products as p
inner join (
    values
    ('material', 'pack', 10), ('finished', 'box', 4), ('finished', 'pallet', 48),
    ('service', 'year', 12)
) as s (kind, unit, base_units) on p.kind = s.kind;

create or replace view erp_price_list as
with known as (
    select
        p.*,
        c.company,
        90 * p.quarter as _created,
        90 * (p.quarter + 1) as ends,
        if(
            u('withdrawn', p.price_id) < 0.01,
            90 * p.quarter + among('when', p.price_id, 3, 80),
            null
        ) as withdrawn
    from prices as p
    inner join products as c on p.product_id = c.product_id
    where
        c.company = 'AW' and p.currency in ('EUR', 'USD', 'GBP')
        or c.company = 'AH' and p.currency in ('EUR', 'CHF')
)

select
    company,
    company || price_id as price_id,
    product_id,
    currency,
    price,
    date_of(_created) as valid_from,
    if(ends <= getvariable('last_day'), date_of(ends - 1), null) as valid_to,
    if(withdrawn <= getvariable('last_day'), written_at(withdrawn, 'price', price_id), null)
        as deleted_at,
    written_at(case
        when ends <= getvariable('last_day') then ends
        when withdrawn <= getvariable('last_day') then withdrawn
        else _created
    end, 'price', price_id) as updated_at,
    _created,
    case
        when ends <= getvariable('last_day') then ends
        when withdrawn <= getvariable('last_day') then withdrawn
        else _created
    end as _written
from known;

create or replace view erp_sales_order as
with states as (
    select
        o.*,
        -- Half of what is amended is committed a day after its time.
        o.amends + (u('commits', o.order_id) < 0.5)::integer as seen
    from orders as o
)

select
    company,
    order_id,
    customer_id,
    site,
    channel,
    currency,
    date_of(n) as ordered_on,
    written_at(n, 'ordered', order_id) as ordered_at,
    case
        when is_cancelled and ships <= getvariable('last_day') then 'cancelled'
        when ships <= getvariable('last_day') then 'shipped'
        else 'open'
    end as status,
    if(not is_cancelled and ships <= getvariable('last_day'), date_of(ships), null) as shipped_on,
    if(seen <= getvariable('last_day'), 'delivery note sent again', null) as note,
    case
        when seen <= getvariable('last_day') then written_at(amends, 'amended', order_id)
        when ships > n and ships <= getvariable('last_day')
            then written_at(ships, 'shipped', order_id)
        else written_at(n, 'ordered', order_id)
    end as updated_at,
    n as _created,
    case
        when seen <= getvariable('last_day') then seen
        when ships <= getvariable('last_day') then ships
        else n
    end as _written
from states;

create or replace view erp_sales_order_line as
select
    l.company,
    l.line_id,
    l.order_id,
    l.line_no,
    l.product_id,
    l.unit,
    l.quantity,
    l.price,
    l.discount,
    o.currency,
    l.net as net_amount,
    written_at(l.n, 'ordered', l.order_id) as updated_at,
    l.n as _created,
    l.n as _written
from lines as l
inner join orders as o on l.order_id = o.order_id;

create or replace view erp_sales_return as
select
    company,
    return_id,
    order_id,
    line_id,
    product_id,
    quantity,
    currency,
    net as net_amount,
    date_of(n) as returned_on,
    one_of('reason', return_id, ['damaged', 'unwanted', 'wrong item']) as reason,
    written_at(n, 'return', return_id) as updated_at,
    n as _created,
    n as _written
from comebacks;

create or replace view erp_purchase_order as
select distinct
    company,
    purchase_id,
    supplier_id,
    currency,
    date_of(n) as ordered_on,
    if(arrives <= getvariable('last_day'), 'received', 'open') as status,
    if(arrives <= getvariable('last_day'), date_of(arrives), null) as received_on,
    written_at(
        if(arrives <= getvariable('last_day'), arrives, n), 'purchase', purchase_id
    ) as updated_at,
    n as _created,
    if(arrives <= getvariable('last_day'), arrives, n) as _written
from purchase_lines;

create or replace view erp_purchase_order_line as
select
    company,
    line_id,
    purchase_id,
    product_id,
    unit,
    base_units,
    quantity,
    price,
    currency,
    money(price * quantity) as net_amount,
    written_at(n, 'purchase', purchase_id) as updated_at,
    n as _created,
    n as _written
from purchase_lines;

create or replace view erp_production_order as
select
    'AW' as company,
    production_id,
    'VIE' as site,
    product_id,
    quantity,
    date_of(n) as started_on,
    if(finishes <= getvariable('last_day'), 'finished', 'released') as status,
    if(finishes <= getvariable('last_day'), date_of(finishes), null) as finished_on,
    written_at(
        if(finishes <= getvariable('last_day'), finishes, n), 'lot', production_id
    ) as updated_at,
    n as _created,
    if(finishes <= getvariable('last_day'), finishes, n) as _written
from finished_lots;

create or replace view erp_goods_movement as
select
    company,
    movement_id,
    site,
    product_id,
    kind,
    document_id,
    quantity,
    date_of(n) as moved_on,
    written_at(n, 'move', movement_id) as updated_at,
    n as _created,
    n as _written
from moves;

create or replace view erp_stock as
select
    company,
    site || product_id as stock_id,
    site,
    product_id,
    sum(quantity)::integer as quantity,
    max(written_at(n, 'move', movement_id)) as updated_at,
    0 as _created,
    max(n) as _written
from moves
group by all;

create or replace view erp_invoice as
with paid as (
    select
        invoice_id,
        abs(sum(amount))::decimal(18, 2) as amount,
        max(n) as n
    from payments
    where n <= getvariable('last_day')
    group by invoice_id
)

select
    i.company,
    i.invoice_id,
    i.kind,
    i.party_id,
    i.document_id,
    i.reference,
    date_of(i.n) as invoiced_on,
    date_of(i.n + if(i.channel in ('sales', 'supplier'), 30, 20)) as due_on,
    i.currency,
    i.net as net_amount,
    i.tax as tax_amount,
    i.total as total_amount,
    i.company_total as company_amount,
    i.group_total as group_amount,
    (coalesce(p.amount, 0) * sign(i.total)::integer)::decimal(18, 2) as paid_amount,
    case
        when p.amount is null then 'open'
        when p.amount = abs(i.total) then 'paid'
        else 'part paid'
    end as status,
    if(
        p.n > i.n,
        written_at(p.n, 'settled', i.invoice_id),
        written_at(i.n, 'invoice', i.invoice_id)
    ) as updated_at,
    i.n as _created,
    greatest(i.n, coalesce(p.n, 0)) as _written
from drawn_invoices as i
left join paid as p on i.invoice_id = p.invoice_id;

create or replace view erp_payment as
with first_ones as (
    select
        company,
        payment_id,
        invoice_id,
        account_id,
        party_id,
        currency,
        amount,
        company_amount,
        group_amount,
        end_to_end_id,
        date_of(n) as paid_on,
        written_at(n, 'payment', payment_id) as updated_at,
        n as _created,
        n as _written
    from payments
)

select
    *,
    false as _resent
from first_ones
union all
-- An interface sends some again, on the same day or the next.
select
    * replace (_written + (u('again', payment_id) < 0.01)::integer as _written),
    true
from first_ones
where u('again', payment_id) < 0.02;

create or replace view erp_ledger_line as
select
    company,
    entry_id || '-' || line_no as ledger_line_id,
    entry_id,
    line_no,
    account,
    date_of(n) as posted_on,
    strftime(date_of(n), '%Y-%m') as period,
    type as document_type,
    document_id,
    party_id,
    currency,
    amount,
    company_amount,
    group_amount,
    written_at(n, 'entry', entry_id) as updated_at,
    n as _created,
    n as _written
from ledger;

create or replace view erp_accounting_period as
with months as (
    select
        strftime(day, '%Y-%m') as period,
        min(day) as starts_on,
        last_day(min(day)) as ends_on,
        min(n) as _created,
        (last_day(min(day)) - date_of(0))::integer + 5 as closes
    from days
    group by all
)

select
    c.company,
    c.company || m.period as period_id,
    m.period,
    m.starts_on,
    m.ends_on,
    if(m.closes <= getvariable('last_day'), 'closed', 'open') as status,
    written_at(
        if(m.closes <= getvariable('last_day'), m.closes, m._created), 'period', m.period
    ) as updated_at,
    m._created,
    if(m.closes <= getvariable('last_day'), m.closes, m._created) as _written
from months as m
cross join companies as c;

create or replace view erp_subscription as
select
    company,
    subscription_id,
    customer_id,
    product_id,
    date_of(starts) as started_on,
    if(leaves <= getvariable('last_day'), date_of(leaves), null) as cancelled_on,
    if(leaves <= getvariable('last_day'), 'cancelled', 'active') as status,
    written_at(
        if(leaves <= getvariable('last_day'), leaves, starts), 'plan', subscription_id
    ) as updated_at,
    starts as _created,
    if(leaves <= getvariable('last_day'), leaves, starts) as _written
from plans
where starts <= getvariable('last_day');
