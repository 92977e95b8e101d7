-- From version 2 of the tables of ops to 3: snapshots can be pinned.
create table lake.ops.pin (
    name varchar not null,
    snapshot bigint not null,
    reason varchar not null,
    run varchar not null,
    pinned_at timestamp with time zone not null
);
