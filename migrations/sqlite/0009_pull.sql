-- Spans of days that were asked for, and whether the list stood still while it was read.
alter table windows rename to windows_before;
-- Spans of days that were asked for, and whether the list stood still while it was read.
create table windows (
    id          integer primary key,        -- only a handle
    resource    text   not null,            -- receipts | invoices
    fiscal_ids  text   not null,            -- comma list of companies, sorted
    from_on     text   not null,            -- first business day
    to_on       text   not null,            -- last business day
    state       text   not null,            -- reading | settled | unsettled | deferred
    rows_total  bigint not null,            -- documents of the list when it settled last, or seen so far
    checkpoint  text,                       -- where an interrupted reading goes on, JSON; null when whole
    updated_at  text   not null,            -- instant of the last change
    looked_at   text,                       -- instant at which it was last known to be settled: its days after that are not covered
    swept_at    text,                       -- instant at which every row of the list was last read
    row_keys    blob,                       -- eight bytes a row in the list's order when it settled last; null when not known
    unique (resource, fiscal_ids, from_on, to_on)
);
insert into windows (id, resource, fiscal_ids, from_on, to_on, state, rows_total, checkpoint, updated_at, looked_at)
    select id, resource, fiscal_ids, from_on, to_on, state, rows_total, checkpoint, updated_at,
           case state when 'settled' then updated_at end
    from windows_before;
drop table windows_before;

-- Documents that a whole reading of their window did not show. Nothing is deleted: the document stays as it was.
create table absences (
    kind            text not null,          -- receipt | invoice
    source_id       text not null,          -- the provider's identifier
    missed_at       text not null,          -- instant of the first whole reading without it
    missing_since   text,                   -- that instant again once a second reading missed it too; null until then
    primary key (kind, source_id)
) without rowid;

-- When the provider's callbacks arrived and what became of them. Only the identifier is believed.
create table callbacks (
    id           integer primary key,       -- order of arrival
    received_at  text   not null,           -- instant of arrival
    event        text   not null,           -- the event's name in hyphens; empty when nothing says it
    resource     text   not null,           -- receipts | invoices | configurations; empty when unknown
    source_id    text   not null,           -- the document's identifier; empty when none was found
    content_type text   not null,           -- as the sender wrote it
    body         blob   not null,           -- the body exactly as received
    state        text   not null,           -- waiting | read | refused | ignored
    settled_at   text,                      -- instant at which it left waiting
    note         text                       -- why it was refused or ignored
);
-- A pull reads what waits first, and few do.
create index callbacks_waiting on callbacks (resource, source_id) where state = 'waiting';
