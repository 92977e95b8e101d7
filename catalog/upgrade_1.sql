-- From version 1 of the tables of ops to 2: the ledger learns what was done to loads afterwards.
create temp table ledger as from lake.ops.ledger;

drop table lake.ops.ledger;

create table lake.ops.ledger (
    batch bigint not null,
    of_load bigint not null,
    operation varchar not null,
    table_name varchar not null,
    source varchar not null,
    delivery_key varchar not null,
    content_hash varchar not null,
    contract_id varchar not null,
    contract_version varchar not null,
    contract_hash varchar not null,
    read bigint not null,
    loaded bigint not null,
    quarantined bigint not null,
    discarded bigint not null,
    replaced bigint[] not null,
    run varchar not null,
    loaded_at timestamp with time zone not null
);

insert into lake.ops.ledger
select
    batch,
    batch as of_load,
    'load' as kind,
    table_name,
    source,
    delivery_key,
    content_hash,
    contract_id,
    contract_version,
    contract_hash,
    read,
    loaded,
    quarantined,
    0 as discarded,
    replaced,
    run,
    loaded_at
from temp.ledger;
