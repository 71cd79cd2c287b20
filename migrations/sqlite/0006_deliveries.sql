-- The outbox: what is to be sent, written before it is sent.
create table deliveries (
    id           integer primary key,       -- only a handle
    delivery_key text   not null unique,    -- one report to one place; also the Message-ID's left part
    run_id       bigint not null references runs (id), -- the run that made it
    channel      text   not null,           -- mail | folder
    address      text   not null,           -- the recipients, one a line, or the folder
    subject      text   not null,           -- the mail's subject; empty for a folder
    state        text   not null,           -- queued | sending | sent | unknown | refused
    attempts     bigint not null,           -- tries so far
    last_reply   text,                      -- the last answer or error
    created_at   text   not null,           -- instant of queueing
    updated_at   text   not null            -- instant of the last change
);

-- The bytes of each delivery, in order.
create table delivery_parts (
    delivery_id bigint not null references deliveries (id), -- the delivery
    position    bigint not null,            -- 0 text, 1 html, then attachments; or the folder's files
    role        text   not null,            -- text | html | attachment | file
    file_name   text   not null,            -- name of the file; empty for bodies
    media_type  text   not null,            -- MIME type
    bytes       blob   not null,            -- content
    primary key (delivery_id, position)
);
