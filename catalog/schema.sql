create schema if not exists bronze;
create schema if not exists ops;

-- One row a load that changed a table, and one each time that a load was changed afterwards (undo,
-- restore, retry, discard, reload, expire: its own number in `batch`, the load's in `of_load`);
-- only ever added to. The sums over a load's rows are what it has: read = loaded + quarantined +
-- discarded. A load's rows are in its table until it is undone, or a later load names it in
-- `replaced`, and again from when it is restored.
create table ops.ledger (
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

-- One row an input that was offered, whatever became of it: loaded, already_loaded or failed.
create table ops.receipt (
    id bigint not null,
    table_name varchar not null,
    source varchar not null,
    delivery_key varchar not null,
    content_hash varchar,
    status varchar not null,
    batch bigint,
    reason varchar,
    run varchar not null,
    received_at timestamp with time zone not null
);

create table ops.quarantine (
    id varchar not null,
    table_name varchar not null,
    source varchar not null,
    position bigint not null,
    reasons varchar[] not null,
    payload blob not null,
    batch bigint not null,
    quarantined_at timestamp with time zone not null
);

create table ops."check" (
    table_name varchar not null,
    batch bigint,
    rule varchar not null,
    stage varchar not null,
    severity varchar not null,
    passed boolean not null,
    figure double,
    expected varchar not null,
    run varchar not null,
    checked_at timestamp with time zone not null
);

create table ops.run_start (
    id varchar not null,
    command varchar not null,
    user_name varchar not null,
    version varchar not null,
    lock_hash varchar,
    settings json not null,
    started_at timestamp with time zone not null
);

create table ops.run_end (
    id varchar not null,
    ended_at timestamp with time zone not null,
    outcome varchar not null
);

-- What the lake knows of a delivery beyond its ledger: whence it came, where it stands among the
-- others of its table, which days it is the whole of, and how far its source is read with it. Rows
-- of `unchanged` are in the delivery and were in the table already; rows that it `deleted` are in
-- no delivery. Only loads that are no plain appends of a file have a row.
create table ops.delivery (
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

-- Keys that a delivery holds without a row of its own in bronze: unchanged or quarantined.
create table ops.mention (
    batch bigint not null,
    table_name varchar not null,
    key varchar not null,
    what varchar not null,
    mentioned_at timestamp with time zone not null
);

-- Snapshots that are kept when history expires: those of a release, a training, a report.
create table ops.pin (
    name varchar not null,
    snapshot bigint not null,
    reason varchar not null,
    run varchar not null,
    pinned_at timestamp with time zone not null
);

-- A run without an end is at work, or was killed. Two tables, so that runs never conflict.
create view ops.run as
select
    run_start.id,
    run_start.command,
    run_start.user_name as "user",
    run_start.version,
    run_start.lock_hash,
    run_start.settings,
    run_start.started_at as "start",
    run_end.ended_at as "end",
    run_end.outcome
from ops.run_start
left join ops.run_end on run_start.id = run_end.id;
