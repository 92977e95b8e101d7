select
    orders.article as tea,
    sum(orders.packs) as packs,
    sum(orders.packs * orders.pack_price) as euros,
    sum(payments.amount) as paid_by_card
from bronze.demo_order as orders
left join bronze.demo_card_payment as payments
    on orders.order_id = payments.order_id
group by orders.article
order by euros desc
