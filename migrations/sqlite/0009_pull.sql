-- When a window was looked at and read whole, and the rows of its list.
alter table windows add column looked_at text; -- instant at which it was last known to be settled; days after that are not covered
alter table windows add column swept_at text; -- instant at which every row of the list was last read
alter table windows add column row_keys blob; -- eight bytes a row in the list's order when it settled last; null when not known
update windows set looked_at = updated_at where state = 'settled';

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
