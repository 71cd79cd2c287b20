-- What the provider sent, as it sent it. Insert-only: interpretation can be repeated, reception cannot.
create table raw_documents (
    id           integer primary key,       -- grows with reception; normalizing walks along it
    resource     text    not null,          -- configurations | receipts | invoices
    source_id    text    not null,          -- the provider's identifier, opaque
    revision     bigint  not null,          -- 1 for the first body, one more for each changed one
    content_hash blob    not null,          -- SHA-256 of body
    body         text    not null,          -- the JSON object exactly as received
    received_at  text    not null,          -- instant of reception
    unique (resource, source_id, revision)
);

-- Raw bodies that could not be read, with the reason; shown in the report, tried again when they change.
create table unreadable_documents (
    resource    text not null,              -- receipts | invoices | configurations
    source_id   text not null,              -- the provider's identifier; empty when the body has none
    body_head   text not null,              -- the body's beginning, cut to a stated length
    reason      text not null,              -- what is wrong with it
    seen_at     text not null,              -- instant of the last try
    primary key (resource, source_id, body_head)
);

-- Spans of days that were asked for, and whether the list stood still while it was read.
create table windows (
    id          integer primary key,        -- only a handle
    resource    text   not null,            -- receipts | invoices
    fiscal_ids  text   not null,            -- comma list of companies, sorted
    from_on     text   not null,            -- first business day
    to_on       text   not null,            -- last business day
    state       text   not null,            -- reading | settled | unsettled | deferred
    rows_total  bigint not null,            -- documents that the last whole reading saw
    checkpoint  text,                       -- where an interrupted reading goes on, JSON; null when whole
    updated_at  text   not null,            -- instant of the last change
    unique (resource, fiscal_ids, from_on, to_on)
);
