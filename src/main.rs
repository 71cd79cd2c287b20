//! Arguments, configuration, one command, an exit code.

fn main() {}
