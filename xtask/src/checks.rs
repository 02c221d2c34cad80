use anyhow::Result;

use crate::command::{cargo, command, run};
use crate::generate;

/// Everything that must hold before a change is kept, the quickest first.
pub(crate) fn all() -> Result<()> {
    cargo("fmt --all --check")?;
    generate::check()?;
    cargo("deny --log-level error check bans licenses sources")?;
    cargo("clippy --workspace --all-targets --all-features -- -D warnings")?;
    tests()?;
    documents()
}

/// The tests, doc-tests included.
pub(crate) fn tests() -> Result<()> {
    cargo("nextest run --workspace --all-features")?;
    cargo("test --quiet --workspace --all-features --doc")
}

fn documents() -> Result<()> {
    let words = ["doc", "--quiet", "--workspace", "--all-features", "--no-deps", "--document-private-items"];
    run(command("cargo", words).env("RUSTDOCFLAGS", "-D warnings"))
}
