-- Balanced entries: each sums to 0 in the document's, the company's and the group's currency.
create or replace table values_of_goods as
select
    m.company,
    m.n,
    m.kind,
    m.document_id,
    p.currency,
    sum(m.quantity * p.cost)::decimal(18, 2) as amount
from moves as m
inner join products as p on m.company = p.company and m.product_id = p.product_id
where m.kind <> 'transfer'
group by all;

create or replace table plain_entries as
-- Entries of two lines: on one account, and on another what balances it.
select
    company,
    n,
    'G' || upper(kind[1:2]) || company || document_id as entry_id,
    'goods' as type,
    document_id,
    null as party_id,
    currency,
    amount,
    '1300' as account,
    case kind
        when 'opening' then '3000'
        when 'receipt' then '5100'
        when 'consumption' then '5200'
        when 'output' then '5200'
        else '5000'
    end as against
from values_of_goods
union all
select
    company,
    n,
    'B' || entry_id as entry_id,
    'bank' as type,
    entry_id as document_id,
    null as party_id,
    currency,
    amount,
    '1000' as account,
    '6000' as against
from bank_entries
where kind = 'FEE'
union all
select
    company,
    0 as n,
    'O' || account_id as entry_id,
    'opening' as type,
    account_id as document_id,
    null as party_id,
    currency,
    opening as amount,
    '1000' as account,
    '3000' as against
from accounts;

create or replace table ledger as
with plain as (
    select
        e.company,
        e.n,
        e.entry_id,
        s.line_no,
        if(s.line_no = 1, e.account, e.against) as account,
        e.type,
        e.document_id,
        e.party_id,
        e.currency,
        (s.sign * e.amount)::decimal(18, 2) as amount,
        (s.sign * money(e.amount * c.factor))::decimal(18, 2) as company_amount,
        (s.sign * money(e.amount * g.factor))::decimal(18, 2) as group_amount
    from plain_entries as e
    inner join companies as o on e.company = o.company
    inner join factors as c
        on e.n = c.n and e.currency = c.currency and o.currency = c.into_currency
    inner join factors as g on e.n = g.n and e.currency = g.currency and g.into_currency = 'EUR'
    cross join (values (1, 1), (2, -1)) as s (line_no, sign)
),

of_invoices as (
    select
        i.company,
        i.n,
        'L' || i.invoice_id as entry_id,
        s.line_no,
        case
            when s.line_no = 1 and i.kind = 'purchase' then if(i.channel = 'group', '2050', '2000')
            when s.line_no = 1 then if(i.channel = 'group', '1150', '1100')
            when s.line_no = 2 and i.kind = 'purchase' then '5100'
            when s.line_no = 2 then if(i.channel = 'group', '4900', '4000')
            else if(i.kind = 'purchase', '1400', '2100')
        end as account,
        'invoice' as type,
        i.invoice_id as document_id,
        i.party_id,
        i.currency,
        (i.sign * case s.line_no when 1 then i.total when 2 then -i.net else -i.tax end)::decimal(
            18, 2
        ) as amount,
        (
            i.sign * case
            s.line_no when 1 then i.company_total when 2 then -i.company_net else -i.company_tax
            end
        )::decimal(18, 2
        ) as company_amount,
        (
            i.sign * case
            s.line_no when 1 then i.group_total when 2 then -i.group_net else -i.group_tax
            end
        )::decimal(18, 2
        ) as group_amount
    from drawn_invoices as i
    inner join (values (1), (2), (3)) as s (line_no) on s.line_no < 3 or i.tax <> 0
),

of_payments as (
    select
        p.company,
        p.n,
        'L' || p.payment_id as entry_id,
        s.line_no,
        case
            when s.line_no = 1 then '1000'
            when s.line_no = 3 then '7000'
            when p.kind = 'purchase' then if(p.channel = 'group', '2050', '2000')
            else if(p.channel = 'group', '1150', '1100')
        end as account,
        'payment' as type,
        p.payment_id as document_id,
        p.party_id,
        p.currency,
        (case s.line_no when 1 then p.amount when 2 then -p.amount else 0 end)::decimal(
            18, 2
        ) as amount,
        (
            case
            s.line_no
                when 1 then p.company_amount when 2 then -p.company_settled
                else p.company_settled - p.company_amount
            end
        )::decimal(18, 2
        ) as company_amount,
        (
            case
            s.line_no
                when 1 then p.group_amount when 2 then -p.group_settled
                else p.group_settled - p.group_amount
            end
        )::decimal(18, 2
        ) as group_amount
    from payments as p
    inner join (values (1), (2), (3)) as s (line_no)
        on
            s.line_no < 3
            or p.company_settled <> p.company_amount
            or p.group_settled <> p.group_amount
)

select * from plain
union all
select * from of_invoices
union all
select * from of_payments;
