-- Rows of the books. Insert-only. Some hundred rows are one text, because handing a million
-- small ones to the database and back took longer than reading the file that they came from.
create table ledger_parts (
    id      integer primary key, -- the file * 2^32 + the first data row of the part
    file_id bigint not null references ledger_files (id), -- the file
    content text   not null,     -- JSON array of rows in order, each an array as the view names it
    check (id >> 32 = file_id and id & 4294967295 > 0)
);

insert into ledger_parts
select min(id), file_id,
    '[' || group_concat('[' || (id & 4294967295) || ',' || substr(content, 2), ',' order by id) || ']'
from ledger_rows group by file_id, (id & 4294967295) >> 7 order by min(id);

drop view ledger_entries;
drop table ledger_rows;

create view ledger_entries as
select (p.file_id << 32) + (r.value ->> 0) as id, p.file_id,
    p.id as part_id,                       -- the part in which the row stands
    r.value ->> 0 as row,                  -- data row in the file, from 1
    r.value ->> 1 as kind,                 -- invoice | receipt | takings | closing | settlement
    r.value ->> 2 as company,              -- tax id of the company
    r.value ->> 3 as direction,            -- outgoing | incoming
    r.value ->> 4 as document_type,        -- TD01… | sale …
    r.value ->> 5 as number,               -- document number as written
    r.value ->> 6 as issue_date,           -- day of issue, or business day of takings
    r.value ->> 7 as counterparty_tax_id,  -- the other party's VAT number
    r.value ->> 8 as counterparty_name,    -- the other party's name
    r.value ->> 9 as currency,             -- ISO 4217
    r.value ->> 10 as taxable_cents,       -- signed; null when not given
    r.value ->> 11 as vat_cents,           -- signed; null when not given
    r.value ->> 12 as gross_cents,         -- signed; null when not given
    r.value ->> 13 as registration_date,   -- day of registration
    r.value ->> 14 as counterparty_tax_code, -- the other party's tax code
    r.value ->> 15 as transmission_date,   -- day of transmission to the SdI
    r.value ->> 16 as vat_rate,            -- for rows that stand for one rate
    r.value ->> 17 as cash_cents,          -- takings paid in cash
    r.value ->> 18 as electronic_cents,    -- takings paid electronically
    r.value ->> 19 as vouchers_cents,      -- takings paid with meal vouchers
    r.value ->> 20 as uncollected_cents,   -- takings delivered and not collected
    coalesce(r.value ->> 21, 0) as has_stamp_duty, -- 1 when the row says that bollo is due
    r.value ->> 22 as status,              -- the source's word, lower case
    coalesce(r.value ->> 23, '[]') as source_references, -- JSON array of other identifiers
    r.value ->> 24 as reception_date       -- day of reception, where the books tell it apart
from ledger_parts as p cross join json_each(p.content) as r;
