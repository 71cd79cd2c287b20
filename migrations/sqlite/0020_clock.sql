-- A clock that runs ahead begins due times too early. Once it is right again they lie in the future;
-- what is seen to lie there, until its time comes, was begun too early and is due again.
alter table due_runs add column ahead_from  text; -- instant at which the clock first stood more than a day before it; null where it never did
alter table due_runs add column ahead_until text; -- instant at which the clock last stood before it since then
