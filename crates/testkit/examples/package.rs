//! Writes a package to try things with: `cargo run -p testkit --example package -- notes.ipa "R&D <β> 🚀"`.

use std::fs::File;
use std::io::{self, BufWriter};

use testkit::app::AppPackage;
use time::macros::datetime;

fn main() -> io::Result<()> {
    let path = std::env::args_os().nth(1).unwrap_or_else(|| "notes.ipa".into());
    let name = std::env::args().nth(2).unwrap_or_else(|| "Notes".to_owned());
    let package = AppPackage::new("com.example.notes")
        .name("Notes")
        .display_name(&name)
        .version("1.2.3")
        .build_number("456")
        .expires_at(datetime!(2099-01-01 0:00 UTC).to_utc());
    package.write_to(BufWriter::new(File::create(path)?))?;
    Ok(())
}
