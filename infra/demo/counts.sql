select
    (select count(*) from bronze.demo_order)
    + (select count(*) from bronze.demo_card_payment) as kept,
    (
        select count(*) from ops.quarantine
        where table_name in ('demo_order', 'demo_card_payment')
    ) as quarantined
