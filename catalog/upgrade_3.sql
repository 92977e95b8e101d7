-- From version 3 of the tables of ops to 4: deliveries have a place, a period and a position.
create table lake.ops.delivery (
    batch bigint not null,
    table_name varchar not null,
    origin varchar,
    place varchar,
    covers_from date,
    covers_to date,
    tells_absence boolean not null,
    unchanged bigint not null,
    deleted bigint not null,
    position json,
    run varchar not null,
    delivered_at timestamp with time zone not null
);

create table lake.ops.mention (
    batch bigint not null,
    table_name varchar not null,
    key varchar not null,
    what varchar not null,
    mentioned_at timestamp with time zone not null
);
