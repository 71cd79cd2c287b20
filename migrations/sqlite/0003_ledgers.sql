-- Files that accountants uploaded, stored once by content.
create table ledger_files (
    id             integer primary key,     -- only a handle
    content_hash   blob   not null,         -- SHA-256 of the file's bytes
    company        text   not null,         -- tax id of the books; empty when the rows name several
    file_name      text   not null,         -- name as uploaded, without its folder
    layout         text   not null,         -- the layout that recognised it
    format         text   not null,         -- csv | xlsx | xls | ods | xlsb
    rows_read      bigint not null,         -- stored + rejected + skipped
    rows_stored    bigint not null,         -- rows that became entries
    rows_rejected  bigint not null,         -- rows refused with a reason
    rows_skipped   bigint not null,         -- totals, blank and continuation rows
    covers_from    text,                    -- first issue date in the file
    covers_to      text,                    -- last issue date in the file
    uploaded_at    text   not null,         -- instant of the upload
    unique (content_hash, company)
);

-- Rows of the books. Insert-only.
create table ledger_entries (
    id                    integer primary key, -- only a handle
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
    unique (file_id, row)
);
-- Tells which companies a file speaks of; rows of one file are neighbours, so it costs little to fill.
create index ledger_entries_by_file on ledger_entries (file_id, company);

-- Rows that could not be read: never dropped in silence.
create table rejected_rows (
    file_id     bigint not null references ledger_files (id), -- the file
    row         bigint not null,            -- data row, from 1
    line        bigint not null,            -- line or sheet row as a person sees it
    column_name text   not null,            -- heading of the column
    value       text   not null,            -- the value as written
    reason      text   not null,            -- what is wrong with it
    primary key (file_id, row, column_name)
) without rowid;

-- Whole files that were refused, by content and place, so that the report can name them.
create table refused_files (
    content_hash blob   not null,           -- SHA-256 of the file's bytes
    company      text   not null,           -- tax id of the folder it lay in; empty when unknown
    file_name    text   not null,           -- name as uploaded
    job          text   not null,           -- the job whose inbox it lay in
    kind         text   not null,           -- receipt | invoice: what that job compares
    reason       text   not null,           -- the error, causes in order
    refused_at   text   not null,           -- instant of the last try
    resolved_at  text,                      -- instant at which somebody dealt with it; null while open
    primary key (content_hash, company, file_name, job)
) without rowid;
