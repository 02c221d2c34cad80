use std::fs;

use anyhow::{Context, Result, ensure};
use testkit::app::AppPackage;
use testkit::icon::Icon;
use time::macros::utc_datetime;

use crate::command::root;

/// A file that is made from the code and kept in the repository.
struct Generated {
    path: &'static str,
    make: fn() -> Vec<u8>,
}

const GENERATED: &[Generated] = &[Generated { path: "crates/airstair/sample/sample.ipa", make: sample }];

/// Makes every generated file anew.
pub(crate) fn write() -> Result<()> {
    for file in GENERATED {
        let path = root().join(file.path);
        fs::write(&path, (file.make)()).with_context(|| format!("could not write {}", path.display()))?;
    }
    Ok(())
}

/// Fails when a generated file is not what the code makes.
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
