-- A decision that the configured file brought holds for as long as the file has it.
alter table decisions add column origin text not null default 'hand'; -- hand | file: where it was taken last
