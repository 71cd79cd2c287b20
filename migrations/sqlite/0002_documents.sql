-- Companies as the provider's configurations name them.
create table companies (
    tax_id     text   not null primary key, -- VAT number or tax code, stored form
    name       text   not null,             -- the company's name
    receipts   bigint not null,             -- 1 when receipts are enabled
    outgoing   bigint not null,             -- 1 when sent invoices are enabled
    incoming   bigint not null,             -- 1 when received invoices are enabled
    updated_at text   not null              -- instant of the last change
);

-- Fiscal documents in the house's words: the latest revision of each, amounts signed.
create table documents (
    id                     integer primary key, -- only a handle
    kind                   text   not null,     -- receipt | invoice
    source_id              text   not null,     -- the provider's identifier
    raw_id                 bigint not null references raw_documents (id), -- the revision it was read from
    company                text   not null,     -- tax id of the company
    direction              text   not null,     -- outgoing | incoming
    document_type          text   not null,     -- TD01… | sale | return | void
    status                 text   not null,     -- the provider's word
    sdi_status             text,                -- the SdI's word, upper case
    lifecycle              text   not null,     -- open | issued | not_delivered | refused | voided | never_issued
    error_message          text,                -- why it failed
    number                 text,                -- document number as written
    issue_date             text,                -- day of issue
    counterparty_tax_id    text,                -- the other party's VAT number
    counterparty_tax_code  text,                -- the other party's tax code
    counterparty_name      text,                -- the other party's name
    currency               text   not null,     -- ISO 4217
    taxable_cents          bigint,              -- signed; null when not given
    vat_cents              bigint,              -- signed; null when not given
    gross_cents            bigint,              -- signed; null when not given
    cash_cents             bigint,              -- receipts: paid in cash
    electronic_cents       bigint,              -- receipts: paid electronically
    vouchers_cents         bigint,              -- receipts: paid with meal vouchers
    uncollected_cents      bigint,              -- receipts: delivered and not collected
    parent_id              text,                -- source id of the document that this returns or voids
    source_references      text   not null,     -- JSON array of other identifiers (SdI id, order names)
    created_at             text,                -- instant at which the provider took it in
    unique (kind, source_id)
);
-- The very expression by which periods are read: a document without a day counts by its reception.
create index documents_by_company_day
    on documents (company, kind, coalesce(issue_date, substr(created_at, 1, 10)));
-- Few documents are open, and every pull asks whether any is.
create index documents_open on documents (kind, company) where lifecycle = 'open';

-- A document's totals by VAT rate, signed.
create table vat_lines (
    document_id   bigint not null references documents (id), -- the document
    position      bigint not null,          -- order within the document, from 0
    rate          text   not null,          -- 22, 6.4 or a nature such as N4
    taxable_cents bigint not null,          -- signed taxable amount
    vat_cents     bigint not null,          -- signed VAT
    gross_cents   bigint not null,          -- signed gross
    primary key (document_id, position)
) without rowid;
