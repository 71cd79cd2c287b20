# The steps of .ci/run one by one, and the ways to see Quadra work.

# Everything that must hold before a commit.
default: fmt lint docs test

# Form of the source.
fmt:
    cargo fmt --check

# Warnings are errors.
lint:
    cargo clippy --locked --all-targets -- -D warnings

# Every public item is documented, and every link leads somewhere.
docs:
    RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps

# All tests; those that need another program say so when they are skipped.
test:
    cargo test --locked

# Damaged and made-up electronic invoices, so many of each kind: no panic, always an answer.
fuzz cases="100000":
    PROPTEST_CASES={{ cases }} cargo test --locked --test it -- hostile

# Licences, sources and doubled versions of the dependencies (needs cargo-deny).
deps:
    cargo deny --locked check licenses bans sources

# The whole night against the built-in sandbox and samples/.
demo *arguments:
    cargo run --locked -- demo {{ arguments }}

# The Invoice API as a local server that misbehaves.
sandbox *arguments:
    cargo run --locked -- sandbox {{ arguments }}

# Takes over changed snapshots (needs cargo-insta); read the diff before committing.
accept:
    cargo insta test --accept
