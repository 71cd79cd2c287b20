-- Invoice files that were handed over, or found at the provider: not handed over again.
create table imports (
    content_hash  text primary key,         -- SHA-256 of the XML inside every wrapper
    company       text not null,            -- tax id of the company that it belongs to
    direction     text not null,            -- outgoing | incoming
    document_type text not null,            -- TD01 and so on
    number        text not null,            -- the document's number as written
    issue_date    text not null,            -- the document's date
    place         text not null,            -- file and member that it was read from
    intent_key    text,                     -- the intent that hands it over; null when it was there already
    provider_id   text,                     -- the provider's document, when it was there already
    recorded_at   text not null             -- instant of writing
);

-- The same document comes again in other bytes.
create index imports_by_document on imports (company, number, issue_date);
