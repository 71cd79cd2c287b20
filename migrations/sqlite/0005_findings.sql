-- What is wrong, once a fingerprint and period.
create table findings (
    id             integer primary key,     -- only a handle
    fingerprint    text   not null,         -- what is wrong
    period_from    text   not null,         -- when it counts: first day
    period_to      text   not null,         -- when it counts: last day
    company        text   not null,         -- tax id; with document_kind, what a run must look at to clear it
    document_kind  text   not null,         -- receipt | invoice
    kind           text   not null,         -- kind of finding
    state          text   not null,         -- open | accepted | resolved
    at_risk_cents  bigint not null,         -- amount at risk as last seen
    currency       text   not null,         -- ISO 4217
    body           text   not null,         -- the finding, JSON
    first_seen_on  text   not null,         -- business day of the first sight in this life
    last_run_id    bigint not null references runs (id), -- the run that saw it last
    unique (fingerprint, period_from, period_to)
);

-- The history of each finding. Append-only.
create table finding_events (
    id         integer primary key,         -- order of events
    finding_id bigint not null references findings (id), -- the finding
    run_id     bigint references runs (id), -- the run that caused it; null when a person did
    at         text   not null,             -- instant
    event      text   not null,             -- opened | changed | resolved | reopened | accepted
    at_risk_cents bigint not null,          -- amount at risk at that moment
    note       text                         -- a person's reason
);
