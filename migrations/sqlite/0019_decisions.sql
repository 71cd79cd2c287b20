-- What people decided about findings: one decision a fingerprint and period, the latest.
create table decisions (
    id             integer primary key,     -- only a handle
    fingerprint    text   not null,         -- the finding's identity
    period_from    text   not null,         -- when the finding counts: first day
    period_to      text   not null,         -- when the finding counts: last day
    company        text   not null,         -- tax id
    document_kind  text   not null,         -- receipt | invoice
    kind           text   not null,         -- kind of finding
    subject        text   not null,         -- what people know the finding by
    at_risk_cents  bigint not null,         -- the amount that was accepted
    currency       text   not null,         -- ISO 4217
    owner          text   not null,         -- who answers for it
    reason         text   not null,         -- why
    decided_on     text   not null,         -- business day of the decision
    until_day      text,                    -- last day on which it holds; null means for good
    unique (fingerprint, period_from, period_to)
);

-- A person may close or open a finding between two runs; the roll-forward counts from what
-- the last run left.
alter table findings add column settled_state text not null default 'open'; -- open | accepted | resolved, as the last run left it
update findings set settled_state = state;
