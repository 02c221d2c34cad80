use std::env;
use std::path::{Path, PathBuf};

/// The folder with the programs of the newest PostgreSQL of this machine.
pub(crate) fn programs() -> Option<PathBuf> {
    newest(Path::new("/usr/lib/postgresql")).or_else(on_path)
}

/// Debian has a folder for each major version and links none of its server's programs.
fn newest(versions: &Path) -> Option<PathBuf> {
    let entries = versions.read_dir().ok()?.filter_map(Result::ok);
    let numbered = entries.filter_map(|entry| {
        let version: u32 = entry.file_name().to_str()?.parse().ok()?;
        Some((version, entry.path().join("bin")))
    });
    numbered.filter(|(_, folder)| has_programs(folder)).max().map(|(_, folder)| folder)
}

#[expect(clippy::disallowed_methods, reason = "PATH is where programs are looked up")]
fn on_path() -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).find(|folder| has_programs(folder))
}

fn has_programs(folder: &Path) -> bool {
    ["initdb", "postgres"].iter().all(|program| folder.join(program).is_file())
}
