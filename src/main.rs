//! Arguments, configuration, one command, an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    quadra::cli::main()
}
