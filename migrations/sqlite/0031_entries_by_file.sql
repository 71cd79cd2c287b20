alter table ledger_entries rename to old_ledger_entries;

-- Rows of the books. Insert-only. A file's rows are neighbours by their handle, so that they
-- need no index, and a register of a million rows is stored in half the time.
create table ledger_entries (
    id                    integer primary key, -- the file * 2^32 + the row
    file_id               bigint not null references ledger_files (id), -- the file
    row                   bigint not null,  -- data row in the file, from 1
    kind                  text   not null,  -- invoice | receipt | takings | closing
    company               text   not null,  -- tax id of the company
    direction             text   not null,  -- outgoing | incoming
    document_type         text,             -- TD01… | sale …
    number                text,             -- document number as written
    issue_date            text,             -- day of issue, or business day of takings
    registration_date     text,             -- day of registration or reception
    transmission_date     text,             -- day of transmission to the SdI
    counterparty_tax_id   text,             -- the other party's VAT number
    counterparty_tax_code text,             -- the other party's tax code
    counterparty_name     text,             -- the other party's name
    currency              text   not null,  -- ISO 4217
    taxable_cents         bigint,           -- signed; null when not given
    vat_cents             bigint,           -- signed; null when not given
    gross_cents           bigint,           -- signed; null when not given
    vat_rate              text,             -- for rows that stand for one rate
    cash_cents            bigint,           -- takings paid in cash
    electronic_cents      bigint,           -- takings paid electronically
    vouchers_cents        bigint,           -- takings paid with meal vouchers
    uncollected_cents     bigint,           -- takings delivered and not collected
    has_stamp_duty        bigint not null,  -- 1 when the row says that bollo is due
    status                text,             -- the source's word, lower case
    source_references     text   not null,  -- JSON array of other identifiers
    check (id = (file_id << 32) + row and row between 1 and 4294967295)
);

insert into ledger_entries
select (file_id << 32) + row, file_id, row, kind, company, direction, document_type, number,
    issue_date, registration_date, transmission_date, counterparty_tax_id, counterparty_tax_code,
    counterparty_name, currency, taxable_cents, vat_cents, gross_cents, vat_rate, cash_cents,
    electronic_cents, vouchers_cents, uncollected_cents, has_stamp_duty, status, source_references
from old_ledger_entries order by file_id, row;

drop table old_ledger_entries;

-- The companies of which a file speaks.
create table ledger_file_companies (
    file_id bigint not null references ledger_files (id), -- the file
    company text   not null,                              -- tax id of a company
    primary key (file_id, company)
) without rowid;

insert into ledger_file_companies (file_id, company)
select distinct file_id, company from ledger_entries;
