-- One due time of a job: its lock, its lease and its memory in one row.
create table due_runs (
    job         text   not null,            -- job name
    due_at      text   not null,            -- the due time, as the schedule places it
    state       text   not null,            -- begun | done | failed | passed
    owner       text   not null,            -- the process that has the lease: host, process id, a random number
    fence       bigint not null,            -- from 1, one more with each claim; who holds an older number may write no more
    lease_until text   not null,            -- until when nobody else may claim it
    run_id      bigint references runs (id), -- its run, once begun; a later claim goes on with it
    reason      text,                       -- why it passed without a run, or failed
    primary key (job, due_at)
) without rowid;

-- A step that ended is done again only when what went into it changed.
alter table run_steps add column input_hash text not null default ''; -- SHA-256 in hex of job, period and step
