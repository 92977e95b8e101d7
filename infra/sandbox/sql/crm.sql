-- What the CRM and the web shop show at the end of the last day, in the same way as the ERP.
create or replace view crm_contact as
select
    contact_id,
    customer_id,
    first_name || ' ' || last_name as name,
    email,
    one_of('stage', contact_id, ['lead', 'active', 'key account']) as stage,
    updated_at,
    _created,
    _written
from erp_contact
where deleted_at is null;

create or replace view crm_opportunity as
with found as (
    select
        'OP' || c.customer_id || k as opportunity_id,
        c.customer_id,
        c.currency,
        greatest(c.born, 0) + among('opens', c.customer_id || k, 0, 300) as n
    from clients as c
    cross join (values (1), (2)) as p (k)
    where c.company = 'AW'
),

states as (
    select
        *,
        n + among('decides', opportunity_id, 5, 60) as closes
    from found
    where n <= getvariable('last_day')
)

select
    opportunity_id,
    customer_id,
    one_of('subject', opportunity_id, ['refit', 'new office', 'shop fitting']) as subject,
    money(1000 + 90000 * pow(u('worth', opportunity_id), 3)) as amount,
    currency,
    case
        when closes > getvariable('last_day') then 'open'
        when u('won', opportunity_id) < 0.4 then 'won'
        else 'lost'
    end as status,
    written_at(
        if(closes <= getvariable('last_day'), closes, n), 'opportunity', opportunity_id
    ) as updated_at,
    n as _created,
    if(closes <= getvariable('last_day'), closes, n) as _written
from states;

-- Strain shows in tickets; it is not in them.
create or replace view crm_ticket as
with found as (
    select
        'TI' || lpad(d.n::varchar, 4, '0') || c.customer_id as ticket_id,
        c.customer_id,
        d.n,
        d.n + among('answers', c.customer_id || d.n, 0, 6) as answered
    from clients as c
    inner join days as d on c.born <= d.n and c.leaves > d.n
    where u('ticket', c.customer_id || d.n) < 0.002 * (1 + 3 * c.strain)
)

select
    ticket_id,
    customer_id,
    one_of('topic', ticket_id, ['delivery', 'invoice', 'quality', 'plan']) as topic,
    if(answered <= getvariable('last_day'), 'answered', 'open') as status,
    written_at(n, 'ticket', ticket_id) as opened_at,
    written_at(
        if(answered <= getvariable('last_day') and answered > n, answered, n), 'ticket', ticket_id
    )
        as updated_at,
    n as _created,
    if(answered <= getvariable('last_day'), answered, n) as _written
from found;

-- Each web order was a cart; three in ten carts were left.
create or replace view crm_cart as
select
    'CA' || order_id as cart_id,
    customer_id,
    if(u('left', order_id) < 0.3, null, order_id) as order_id,
    if(u('left', order_id) < 0.3, 'left', 'ordered') as status,
    among('items', order_id, 1, 5) as items,
    written_at(n, 'ordered', order_id) as updated_at,
    n as _created,
    n as _written
from orders
where channel = 'web';
