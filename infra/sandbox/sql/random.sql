-- Chance by hash: the same for the same seed, kind and key, whatever was asked before. DuckDB joins
-- the hashes of several values so that those of two kinds go together (correlation -0.9); hashed
-- once more they do not (below 0.01 of 100,000).
create or replace macro u(kind, k) as (
    (hash(hash(getvariable('seed'), kind, k)) >> 11)::double / 9007199254740992.0
);
create or replace macro among(kind, k, low, high) as (
    low + floor(u(kind, k) * (high - low + 1))::integer
);
create or replace macro one_of(kind, k, words) as (
    words[1 + floor(u(kind, k) * len(words))::integer]
);
create or replace macro date_of(n) as (date '2025-01-01' + n::integer);
create or replace macro moment_of(n, kind, k, first_hour, hours) as (
    (date '2025-01-01' + n::integer)::timestamp
    + to_milliseconds(
        (first_hour * 3600000 + floor(u(kind, k) * hours * 3600) * 1000)::bigint
    )
);
create or replace macro money(amount) as (round(amount, 2)::decimal(18, 2));
