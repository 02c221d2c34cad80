use anyhow::Result;

use crate::command::{cargo, command, run, succeeds};
use crate::{generate, links};

/// Everything that must hold before a change is kept, the quickest first.
pub(crate) fn all() -> Result<()> {
    cargo("fmt --all --check")?;
    generate::check()?;
    links::check()?;
    cargo("deny --log-level error check bans licenses sources")?;
    advisories()?;
    cargo("clippy --workspace --all-targets --all-features -- -D warnings")?;
    tests()?;
    documents()
}

/// The tests, doc-tests included.
pub(crate) fn tests() -> Result<()> {
    cargo("nextest run --workspace --all-features")?;
    cargo("test --quiet --workspace --all-features --doc")
}

/// Known holes in what we depend on, where the database of them can be reached.
fn advisories() -> Result<()> {
    const DATABASE: &str = "https://github.com/RustSec/advisory-db";
    if succeeds(command("git", ["ls-remote", "--quiet", "--heads", DATABASE]).env("GIT_TERMINAL_PROMPT", "0"))
    {
        return cargo("deny --log-level error check advisories");
    }
    eprintln!("\nNOT CHECKED: advisories, because {DATABASE} can't be reached from here");
    Ok(())
}

fn documents() -> Result<()> {
    let words = ["doc", "--quiet", "--workspace", "--all-features", "--no-deps", "--document-private-items"];
    run(command("cargo", words).env("RUSTDOCFLAGS", "-D warnings"))
}
