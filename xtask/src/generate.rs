use std::fs;

use anyhow::{Context, Result, ensure};
use testkit::app::AppPackage;
use testkit::icon::Icon;
use time::macros::utc_datetime;

use crate::command::{command, root, run};

/// A file that is made from the code and kept in the repository.
struct Generated {
    path: &'static str,
    make: fn() -> Vec<u8>,
}

const GENERATED: &[Generated] = &[Generated { path: "crates/airstair/sample/sample.ipa", make: sample }];

/// Makes every generated file anew, the written reference included.
pub(crate) fn write() -> Result<()> {
    for file in GENERATED {
        let path = root().join(file.path);
        fs::write(&path, (file.make)()).with_context(|| format!("could not write {}", path.display()))?;
    }
    // Tests know what the pages describe, and write them when they are asked to.
    for tests in [
        &["test", "--quiet", "--package", "airstair", "--bin", "airstair", "reference::"][..],
        &["test", "--quiet", "--package", "doctor", "--test", "accuracy"],
        &["test", "--quiet", "--package", "probe", "--test", "accuracy"],
    ] {
        run(command("cargo", tests).env("AIRSTAIR_WRITE_REFERENCE", "1"))?;
    }
    Ok(())
}

/// Fails when a generated file is not what the code makes; the reference is compared by tests.
pub(crate) fn check() -> Result<()> {
    for file in GENERATED {
        let kept =
            fs::read(root().join(file.path)).with_context(|| format!("could not read {}", file.path))?;
        ensure!(kept == (file.make)(), "{} is out of date: run `cargo xtask generate`", file.path);
    }
    Ok(())
}

/// The app that `airstair share --sample` serves: sound in everything but that no Apple team signed it.
fn sample() -> Vec<u8> {
    AppPackage::new("org.airstair.sample")
        .name("Airstair Sample")
        .display_name("Airstair Sample")
        .version("1.0")
        .build_number("1")
        .icon(Icon::new(180))
        .expires_at(utc_datetime!(2099-01-01 0:00))
        .build()
}
