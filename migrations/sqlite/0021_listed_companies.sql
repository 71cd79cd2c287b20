-- A company that was removed at the provider keeps its books here; its credentials are nobody's any more.
alter table companies add column listed bigint not null default 1; -- 1 while the provider's last list names it
