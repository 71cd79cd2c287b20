-- What the provider's token service says about the account: one row a fact, the last answer.
create table account_facts (
    name         text   not null primary key, -- token | credit
    expires_at   text,                      -- token: instant of its end; null when nobody says it
    amount_cents bigint,                    -- credit: what is left, in cents
    seen_at      text   not null            -- instant of the answer
);

-- Warnings that were given: each level once in a subject's life. Insert-only, but for credit.
create table warnings (
    subject  text   not null,               -- portal TAXCODE | token | credit
    life     text   not null,               -- what it was about: day of the change, day of the end; another one begins anew
    level    text   not null,               -- 30_days | 14_days | 7_days | 3_days | 1_day | expired | refused | behind | unknown | credit_low | credit_spent
    run_id   bigint not null references runs (id), -- the run that said it
    given_at text   not null,               -- instant of saying it
    primary key (subject, life, level)
) without rowid;

alter table portal_credentials add column source text not null default 'rotated'; -- rotated | declared | callback

-- The watch asks for the few receipts that went wrong.
create index documents_in_error on documents (kind, created_at) where error_message is not null;
