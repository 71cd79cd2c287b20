-- What is to be done at the provider, written before it is done: nothing is done twice.
create table intents (
    id             integer primary key,     -- only a handle; people name an intent by it
    intent_key     text   not null unique,  -- one effect; the same key is never a second intent
    kind           text   not null,         -- receipt_send | receipt_return | receipt_void | invoice_send | invoice_import | company_add | company_update | company_remove | credentials_rotate
    company        text   not null,         -- tax id of the company
    subject        text   not null,         -- what it is, for people
    target         text,                    -- the receipt or company in the path; null for a POST
    body           blob   not null,         -- the request's body without any secret
    body_hash      text   not null,         -- SHA-256 of that body
    needs_secret   bigint not null,         -- 1 when it cannot be sent without a secret that is not kept
    clue           text   not null,         -- how its effect is recognised at the provider, JSON
    state          text   not null,         -- prepared | waiting | sending | unknown | done | refused | dropped
    attempts       bigint not null,         -- how often it was sent
    not_before     text,                    -- instant before which it is not sent
    sent_at        text,                    -- instant of the first sending whose effect may stand
    unclear_at     text,                    -- instant at which an unclear end was met; null when none is open
    provider_id    text,                    -- the document that came of it, or that was there already
    vendor_error   text,                    -- the vendor's number of the last refusal
    last_reply     text,                    -- what happened last, for people
    created_at     text   not null,         -- instant of writing
    updated_at     text   not null          -- instant of the last change
);

-- What is still open is looked for at every start.
create index intents_by_state on intents (state);
