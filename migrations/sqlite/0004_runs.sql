-- One doing of a job.
create table runs (
    id          integer primary key,        -- the run's number
    job         text   not null,            -- job name, or reconcile / report by hand
    period_from text   not null,            -- first business day looked at
    period_to   text   not null,            -- last business day looked at
    started_at  text   not null,            -- instant of the start
    finished_at text,                       -- instant of the end; null while running or after a crash
    verdict     text                        -- incomplete | breaks | pending | reconciled; null before it is known
);

-- The steps of a run, each recorded when it ends.
create table run_steps (
    run_id      bigint not null references runs (id), -- the run
    position    bigint not null,            -- order, from 1
    name        text   not null,            -- inbox | pull | reconcile | report | deliver
    started_at  text   not null,            -- instant of the start
    finished_at text   not null,            -- instant of the end
    outcome     text   not null,            -- done | partial | failed
    tally       text   not null,            -- counts of the step, JSON
    primary key (run_id, position)
) without rowid;

-- The proof of each comparison, as made by a run.
create table statements (
    run_id     bigint not null references runs (id), -- the run
    position   bigint not null,             -- order in the report, from 0
    company    text   not null,             -- tax id
    kind       text   not null,             -- receipt | invoice
    direction  text   not null,             -- outgoing | incoming
    basis      text   not null,             -- documents | takings_by_rate | takings_by_tender | orders
    verdict    text   not null,             -- worst thing that holds
    body       text   not null,             -- the statement, JSON
    primary key (run_id, position)
) without rowid;

-- Requests sent to the provider, by business day: those past a day's free quota cost money.
create table request_days (
    day_on   text   not null primary key,   -- business day in Rome
    requests bigint not null                -- requests sent, retries included
);
