-- How many documents of the made-up group do not tie, tie by tie: 0 in each line.
with invoices as (
    select * from silver.sandbox_invoice
),

payments as (
    select * from silver.sandbox_payment
),

ledger as (
    select * from silver.sandbox_ledger_line
),

order_nets as (
    select
        order_id as document_id,
        sum(net_amount) as net_amount
    from silver.sandbox_sales_order_line
    group by order_id
    union all
    select
        purchase_id as document_id,
        sum(net_amount) as net_amount
    from silver.sandbox_purchase_order_line
    group by purchase_id
    union all
    select
        return_id as document_id,
        -net_amount as net_amount
    from silver.sandbox_sales_return
),

paid as (
    select
        invoice_id,
        sum(amount) as amount
    from payments
    group by invoice_id
),

open_items as (
    select
        company,
        currency,
        if(kind = 'purchase', '2', '1') as side,
        sum(if(kind = 'purchase', -1, 1) * (total_amount - paid_amount)) as amount
    from invoices
    group by all
),

open_lines as (
    select
        company,
        currency,
        account[1:1] as side,
        sum(amount) as amount
    from ledger
    where account in ('1100', '1150', '2000', '2050')
    group by all
),

goods as (
    select
        s.company,
        sum(s.quantity * p.standard_cost) as amount
    from silver.sandbox_stock as s
    inner join silver.sandbox_product as p
        on s.company = p.company and s.product_id = p.product_id
    group by s.company
),

goods_lines as (
    select
        company,
        sum(company_amount) as amount
    from ledger
    where account = '1300'
    group by company
),

moved as (
    select
        site,
        product_id,
        sum(quantity) as quantity
    from silver.sandbox_goods_movement
    group by all
)

select
    'orders to invoices: net of an invoice is that of its lines' as tie,
    count(*) as differ
from invoices as i
left join order_nets as o on i.document_id = o.document_id
where i.net_amount is distinct from o.net_amount
union all
select
    'orders to invoices: what is shipped has an invoice, what is not has none',
    count(*)
from silver.sandbox_sales_order as o
full join (
    select * from invoices
    where kind = 'sale'
) as i on o.order_id = i.document_id
where coalesce(o.status = 'shipped', false) <> (i.invoice_id is not null)
union all
select
    'invoices: net and tax are the total',
    count(*)
from invoices
where net_amount + tax_amount <> total_amount
union all
select
    'invoices to payments: what is paid of an invoice is the sum of its payments',
    count(*)
from invoices as i
full join paid as p on i.invoice_id = p.invoice_id
where abs(coalesce(i.paid_amount, 0)) is distinct from abs(coalesce(p.amount, 0))
union all
select
    'payments to ledger: each is on the account of the bank',
    count(*)
from payments as p
full join (
    select * from ledger
    where document_type = 'payment' and account = '1000'
) as l
    on p.payment_id = l.document_id
where
    (p.amount, p.currency, p.company_amount, p.group_amount)
    is distinct from (l.amount, l.currency, l.company_amount, l.group_amount)
union all
select
    'invoices to ledger: each is on its party''s account',
    count(*)
from invoices as i
full join (
    select * from ledger
    where document_type = 'invoice' and line_no = 1
) as l
    on i.invoice_id = l.document_id
where
    (i.total_amount, i.company_amount, i.group_amount) is distinct from (
        if(i.kind = 'purchase', -1, 1) * l.amount,
        if(i.kind = 'purchase', -1, 1) * l.company_amount,
        if(i.kind = 'purchase', -1, 1) * l.group_amount
    )
union all
select
    'ledger: what is open of invoices is the balance of receivables and payables',
    count(*)
from open_items as i
full join open_lines as l
    on i.company = l.company and i.currency = l.currency and i.side = l.side
where coalesce(i.amount, 0) <> coalesce(l.amount, 0)
union all
select
    'ledger: every entry balances in all three currencies',
    count(*)
from (
    select entry_id
    from ledger
    group by entry_id
    having sum(amount) <> 0 or sum(company_amount) <> 0 or sum(group_amount) <> 0
)
union all
select
    'ledger: nothing is posted in a period after it closed',
    count(*)
from ledger as l
inner join silver.sandbox_accounting_period as p
    on l.company = p.company and l.period = p.period
where p.status = 'closed' and l.updated_at > p.updated_at
union all
select
    'goods to stock: what is there is the sum of what moved',
    count(*)
from silver.sandbox_stock as s
full join moved as m on s.site = m.site and s.product_id = m.product_id
where s.quantity is distinct from m.quantity
union all
select
    'stock to ledger: at standard cost it is the inventory account',
    count(*)
from goods as g
full join goods_lines as l on g.company = l.company
where g.amount is distinct from l.amount
union all
select
    'between the companies: an invoice and what is paid of it are the other''s',
    count(*)
from (
    select * from invoices
    where company = 'AH' and reference[1:5] = 'IAWSI'
) as h
full join (
    select * from invoices
    where party_id = 'AWCAH'
) as w on h.reference = w.invoice_id
where
    (h.total_amount, h.currency, h.paid_amount, h.group_amount)
    is distinct from (w.total_amount, w.currency, w.paid_amount, w.group_amount)
union all
select
    'between the companies: a transfer out of one bank account is one into the other''s',
    count(*)
from (
    select * from payments
    where party_id = 'AHVAW'
) as h
full join (
    select * from payments
    where party_id = 'AWCAH'
) as w
    on h.end_to_end_id = w.end_to_end_id
where (h.amount, h.paid_on) is distinct from (-w.amount, w.paid_on)
