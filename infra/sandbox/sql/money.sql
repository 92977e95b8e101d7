-- Invoices, payments and what is on the bank's statements. Amounts are in the document's currency;
-- a company's and the group's are worked out once, here, and the ledger takes them over.
create or replace table drawn_invoices as
with sales as (
    select
        o.company,
        o.ships as n,
        'I' || o.order_id as invoice_id,
        'sale' as kind,
        o.customer_id as party_id,
        o.order_id as document_id,
        null as reference,
        o.currency,
        o.slowness,
        o.channel,
        sum(l.net)::decimal(18, 2) as net
    from orders as o
    inner join lines as l on o.order_id = l.order_id
    where not o.is_cancelled
    group by all
),

credits as (
    select
        company,
        n,
        'I' || return_id as invoice_id,
        'credit' as kind,
        customer_id as party_id,
        return_id as document_id,
        'I' || order_id as reference,
        currency,
        0.0 as slowness,
        'credit' as channel,
        (-net)::decimal(18, 2) as net
    from comebacks
),

-- Between the companies the invoice is the other's, and comes when that was sent.
purchases as (
    select
        company,
        if(company = 'AH', n + 1, arrives) as n,
        'I' || purchase_id as invoice_id,
        'purchase' as kind,
        supplier_id as party_id,
        purchase_id as document_id,
        if(company = 'AH', 'IAWS' || purchase_id[4:], null) as reference,
        currency,
        0.0 as slowness,
        if(company = 'AH', 'group', 'supplier') as channel,
        sum(money(price * quantity))::decimal(18, 2) as net
    from purchase_lines
    group by all
),

found as (
    select * from sales
    union all
    select * from credits
    union all
    select * from purchases
),

taxed as (
    select
        f.*,
        if(f.channel = 'group', 0, money(f.net * c.tax_rate))::decimal(18, 2) as tax,
        if(f.kind = 'purchase', -1, 1) as sign,
        c.currency as own
    from found as f
    inner join companies as c on f.company = c.company
    where f.n <= getvariable('last_day')
)

select
    t.* exclude (own),
    (t.net + t.tax)::decimal(18, 2) as total,
    money(t.net * c.factor) as company_net,
    money(t.tax * c.factor) as company_tax,
    (money(t.net * c.factor) + money(t.tax * c.factor))::decimal(18, 2) as company_total,
    money(t.net * g.factor) as group_net,
    money(t.tax * g.factor) as group_tax,
    (money(t.net * g.factor) + money(t.tax * g.factor))::decimal(18, 2) as group_total
from taxed as t
inner join factors as c on t.n = c.n and t.currency = c.currency and t.own = c.into_currency
inner join factors as g on t.n = g.n and t.currency = g.currency and g.into_currency = 'EUR';

create or replace table payments as
with delays as (
    select
        *,
        n + case channel
            when 'group' then 20
            when 'supplier' then 30
            when 'credit' then 5
            when 'plan' then 14
            when 'sales' then among('pays', invoice_id, 5, 30) + floor(slowness * 40)::integer
            else among('pays', invoice_id, 0, 3)
        end as pays,
        channel = 'sales' and u('parts', invoice_id) < 0.15 as in_parts
    from drawn_invoices
    where kind <> 'sale' or channel = 'group' or u('unpaid', invoice_id) > 1 / 60
),

parts as (
    select
        *,
        1 as part,
        pays as paid_n,
        if(in_parts, money(total * 0.5), total) as amount,
        if(in_parts, money(company_total * 0.5), company_total) as company_settled,
        if(in_parts, money(group_total * 0.5), group_total) as group_settled
    from delays
    union all
    select
        *,
        2 as part,
        pays + 20 as paid_n,
        (total - money(total * 0.5))::decimal(18, 2) as amount,
        (company_total - money(company_total * 0.5))::decimal(18, 2) as company_settled,
        (group_total - money(group_total * 0.5))::decimal(18, 2) as group_settled
    from delays
    where in_parts
)

select
    p.company,
    p.paid_n as n,
    'Y' || p.invoice_id || '-' || p.part as payment_id,
    -- What one company pays the other is one transfer, by the payer's number.
    case
        when p.channel = 'group' and p.company = 'AW'
            then 'YIAHPIC' || p.document_id[6:] || '-' || p.part
        else 'Y' || p.invoice_id || '-' || p.part
    end as end_to_end_id,
    p.invoice_id,
    p.kind,
    p.channel,
    p.party_id,
    p.currency,
    p.company || p.currency as account_id,
    (p.sign * p.amount)::decimal(18, 2) as amount,
    (p.sign * p.company_settled)::decimal(18, 2) as company_settled,
    (p.sign * p.group_settled)::decimal(18, 2) as group_settled,
    money(p.sign * p.amount * c.factor) as company_amount,
    money(p.sign * p.amount * g.factor) as group_amount
from parts as p
inner join companies as o on p.company = o.company
inner join factors as c
    on p.paid_n = c.n and p.currency = c.currency and o.currency = c.into_currency
inner join factors as g
    on p.paid_n = g.n and p.currency = g.currency and g.into_currency = 'EUR';

create or replace table accounts as
select
    company,
    company || currency as account_id,
    currency,
    iban,
    money(opening * greatest(getvariable('scale'), 0.01)) as opening
from (
    values
    ('AW', 'EUR', 'AT611904300234573201', 4000000.00::decimal(18, 2)),
    ('AW', 'USD', 'AT021420020010147558', 900000.00::decimal(18, 2)),
    ('AW', 'GBP', 'AT483200000012345864', 400000.00::decimal(18, 2)),
    ('AH', 'CHF', 'CH9300762011623852957', 2000000.00::decimal(18, 2)),
    ('AH', 'EUR', 'CH5604835012345678009', 9000000.00::decimal(18, 2))
) as a (company, currency, iban, opening);

create or replace table bank_entries as
select
    company,
    account_id,
    currency,
    n,
    payment_id as entry_id,
    end_to_end_id,
    amount,
    party_id,
    'Invoice ' || invoice_id as remittance,
    'PAYMENT' as kind
from payments
union all
select
    a.company,
    a.account_id,
    a.currency,
    d.n,
    'FEE' || a.account_id || d.n as entry_id,
    'NOTPROVIDED' as end_to_end_id,
    -12.50::decimal(18, 2) as amount,
    'BANK' as party_id,
    'Fees of the month' as remittance,
    'FEE' as kind
from accounts as a
inner join days as d on day(d.day) = 28;
