select
    regexp_extract(source, '[^/]+$') as file_name,
    position,
    array_to_string(reasons, '; ') as why
from ops.quarantine
where table_name in ('demo_order', 'demo_card_payment')
order by source, position
