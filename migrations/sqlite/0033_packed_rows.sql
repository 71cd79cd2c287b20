-- Rows of the books. Insert-only. A row's values are one text, because binding and reading
-- twenty-six values a row took most of the time of a large register. The view below has them
-- by name, in the form that they always had.
create table ledger_rows (
    id      integer primary key, -- the file * 2^32 + the data row in it, from 1
    file_id bigint not null references ledger_files (id), -- the file
    content text   not null,     -- JSON array of the values, in the order of the view
    check (id >> 32 = file_id and id & 4294967295 > 0)
);

insert into ledger_rows
select id, file_id, json_array(kind, company, direction, document_type, number, issue_date,
    counterparty_tax_id, counterparty_name, currency, taxable_cents, vat_cents, gross_cents,
    registration_date, counterparty_tax_code, transmission_date, vat_rate, cash_cents,
    electronic_cents, vouchers_cents, uncollected_cents, has_stamp_duty, status,
    json(source_references))
from ledger_entries order by id;

drop table ledger_entries;

create view ledger_entries as
select id, file_id,
    id & 4294967295 as row,                -- data row in the file, from 1
    content ->> 0 as kind,                 -- invoice | receipt | takings | closing
    content ->> 1 as company,              -- tax id of the company
    content ->> 2 as direction,            -- outgoing | incoming
    content ->> 3 as document_type,        -- TD01… | sale …
    content ->> 4 as number,               -- document number as written
    content ->> 5 as issue_date,           -- day of issue, or business day of takings
    content ->> 6 as counterparty_tax_id,  -- the other party's VAT number
    content ->> 7 as counterparty_name,    -- the other party's name
    content ->> 8 as currency,             -- ISO 4217
    content ->> 9 as taxable_cents,        -- signed; null when not given
    content ->> 10 as vat_cents,           -- signed; null when not given
    content ->> 11 as gross_cents,         -- signed; null when not given
    content ->> 12 as registration_date,   -- day of registration or reception
    content ->> 13 as counterparty_tax_code, -- the other party's tax code
    content ->> 14 as transmission_date,   -- day of transmission to the SdI
    content ->> 15 as vat_rate,            -- for rows that stand for one rate
    content ->> 16 as cash_cents,          -- takings paid in cash
    content ->> 17 as electronic_cents,    -- takings paid electronically
    content ->> 18 as vouchers_cents,      -- takings paid with meal vouchers
    content ->> 19 as uncollected_cents,   -- takings delivered and not collected
    coalesce(content ->> 20, 0) as has_stamp_duty, -- 1 when the row says that bollo is due
    content ->> 21 as status,              -- the source's word, lower case
    coalesce(content ->> 22, '[]') as source_references -- JSON array of other identifiers
from ledger_rows;
