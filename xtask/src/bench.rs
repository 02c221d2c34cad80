use anyhow::Result;

use crate::command::{cargo, command, run};

/// Builds the binary as people get it, then what measures it, and measures.
pub(crate) fn run_with(words: &[String]) -> Result<()> {
    // Each by itself: built together, the binary would get the features that the bench wants of what both use.
    cargo("build --release --package airstair")?;
    let bench = ["run", "--quiet", "--release", "--package", "bench", "--"].map(str::to_owned);
    run(&mut command("cargo", bench.iter().chain(words)))
}
