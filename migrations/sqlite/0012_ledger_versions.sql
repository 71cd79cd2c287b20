-- Which ledger file took the place of which, and on which days. Insert-only: both stay stored.
create table ledger_versions (
    newer_id      bigint not null references ledger_files (id), -- the later export
    older_id      bigint not null references ledger_files (id), -- the file in whose place it stands
    covers_from   text   not null,          -- first day on which only the newer one counts
    covers_to     text   not null,          -- last such day
    rows_same     bigint,                   -- rows that both have, alike; null where nobody counted
    rows_changed  bigint,                   -- rows that both have, with another content
    rows_added    bigint,                   -- rows that only the newer one has
    rows_removed  bigint,                   -- rows that only the older one has
    taxable_cents bigint,                   -- taxable amounts, newer less older
    vat_cents     bigint,                   -- VAT amounts, newer less older
    gross_cents   bigint,                   -- gross amounts, newer less older
    primary key (newer_id, older_id)
) without rowid;
-- Tells what took the place of a file.
create index ledger_versions_by_older on ledger_versions (older_id);

-- Until now the name alone said it.
insert into ledger_versions (newer_id, older_id, covers_from, covers_to)
select later.id, f.id, later.covers_from, later.covers_to
from ledger_files as f
join ledger_files as later on later.id > f.id and later.company = f.company
    and later.file_name = f.file_name and later.layout = f.layout
where later.covers_from is not null;
