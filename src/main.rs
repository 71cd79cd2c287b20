//! Arguments, configuration, one command, an exit code.

use std::process::ExitCode;

use mimalloc::MiMalloc;

// Readers, drivers and frames take millions of small pieces of memory: see benches/README.md.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    quadra::cli::main()
}
