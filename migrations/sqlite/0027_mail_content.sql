-- What a mail says, so that the next night knows whether anything is new.
alter table deliveries add column said text not null default ''; -- SHA-256 in hex of verdict and open findings; empty for folders and warnings
