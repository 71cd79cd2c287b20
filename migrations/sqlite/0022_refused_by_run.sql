-- A run that goes on after a crash still knows which files it refused before.
alter table refused_files add column run_id bigint; -- the run that met the file last; null before this was written down
