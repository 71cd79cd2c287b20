-- A run that is resumed accounts again for what it did before it died.
alter table findings add column before_state text; -- open | accepted | resolved, as the run before last_run_id left it; null when that run saw it first
alter table findings add column before_cents bigint; -- amount at risk as that run left it; null when last_run_id saw it first
