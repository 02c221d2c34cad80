//! Writes every sample of every page into a folder, to look at: `cargo run -p pages --example samples -- DIR`.

use std::path::PathBuf;
use std::{env, fs, io};

use pages::{Asset, HelpIndexPage, HelpPage, InstallPage, ListPage, Page, TrustPage, UnavailablePage};

fn main() -> io::Result<()> {
    let folder = PathBuf::from(env::args_os().nth(1).unwrap_or_else(|| "samples".into()));
    fs::create_dir_all(folder.join("assets"))?;
    for asset in Asset::ALL {
        fs::write(folder.join(asset.path().trim_start_matches('/')), asset.bytes())?;
    }
    write_all(&folder, "install", &InstallPage::samples())?;
    write_all(&folder, "help", &HelpPage::samples())?;
    write_all(&folder, "help-index", &HelpIndexPage::samples())?;
    write_all(&folder, "list", &ListPage::samples())?;
    write_all(&folder, "unavailable", &UnavailablePage::samples())?;
    write_all(&folder, "trust", &TrustPage::samples())
}

fn write_all(folder: &std::path::Path, name: &str, pages: &[impl Page]) -> io::Result<()> {
    for (number, page) in pages.iter().enumerate() {
        let html = page.render().map_err(io::Error::other)?;
        fs::write(folder.join(format!("{name}-{number}.html")), html)?;
    }
    Ok(())
}
