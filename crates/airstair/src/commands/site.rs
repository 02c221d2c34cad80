mod app;
mod folder;
mod name;
mod server_settings;

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use doctor::Finding;
use itms_services::InstallLink;
use pages::{Asset, ListPage, Notes, Page, PageAssets, QrCode};
use reqwest::Url;
use serde::Serialize;

use self::app::{App, Place, ReadApp};
use self::folder::{Existing, SiteFolder};
use crate::cli::Format;
use crate::clock;
use crate::failure::Failure;
use crate::findings;
use crate::outcome::Outcome;
use crate::terminal::{self, STRONG, line, paragraph, plain};

/// Make a folder that any web server can serve: install page, manifest, icons, package
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  airstair site Notes.ipa --base-url https://apps.example.com/notes -o public/notes

The folder holds settings for nginx, Caddy, Apache and S3 too, in server-settings/.

Exit codes: 0 fine, 1 no app package, 2 called wrongly, 3 a file could not be read or written")]
pub(crate) struct Arguments {
    /// The packages; several get a list, and a page each
    #[arg(required = true, value_name = "APP.ipa", value_hint = ValueHint::FilePath)]
    packages: Vec<PathBuf>,
    /// The address under which the folder will be served
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    base_url: String,
    /// The folder to make
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    output: PathBuf,
    /// Who offers the apps, as shown on the page and by the device
    #[arg(long, alias = "organization", value_name = "NAME")]
    organisation: Option<String>,
    /// What is new, in Markdown
    #[arg(long, value_name = "TEXT")]
    notes: Option<String>,
    /// What is new, from a Markdown file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "notes")]
    notes_file: Option<PathBuf>,
    /// Replace the folder if there is something in it
    #[arg(long)]
    force: bool,
}

/// The answer of `airstair site --json`.
#[derive(Serialize)]
struct Answer {
    folder: PathBuf,
    page_url: String,
    apps: Vec<AppAnswer>,
    /// Files in the folder that tell web servers how to serve it.
    server_settings: Vec<PathBuf>,
}

#[derive(Serialize)]
struct AppAnswer {
    package: PathBuf,
    name: String,
    bundle_id: String,
    version: String,
    build_number: String,
    size_bytes: u64,
    page_url: String,
    manifest_url: String,
    package_url: String,
    install_link: String,
    findings: Vec<Finding>,
}

pub(crate) fn run(arguments: &Arguments, format: Format) -> Result<Outcome, Failure> {
    let base = base_url(&arguments.base_url)?;
    let notes = notes(arguments)?;
    let apps = apps(arguments, &base, &notes)?;
    let existing = if arguments.force { Existing::Replace } else { Existing::Refuse };
    let folder = SiteFolder::begin(&arguments.output, existing, &arguments.packages)?;
    write(&folder, &base, &apps, arguments.organisation.as_deref())?;
    let path = folder.finish()?;

    for app in &apps {
        warn(app);
    }
    match format {
        Format::Json => terminal::json(&answer(path, &base, &apps)),
        Format::Text => show(&path, &base, &apps),
    }
    Ok(Outcome::Fine)
}

/// The address of the folder, with a slash at its end.
fn base_url(text: &str) -> Result<Url, Failure> {
    let unusable = |why: &str| {
        Failure::usage(format_args!("{text:?} can't be the address of the folder: {why}"))
            .help("give the https address that people will open: --base-url https://apps.example.com/notes")
    };
    // The link's rules hold for the folder's address too: whole, https, a host.
    let link = InstallLink::new(text).map_err(|error| unusable(&error.to_string()))?;
    let mut url = Url::parse(link.manifest_url()).map_err(|error| unusable(&error.to_string()))?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(unusable("it has a query or a fragment, and file names come after it"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(unusable("devices send no name and no password"));
    }
    // Every server reads these alike; of others each wants to be told in its own way.
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/-_.~".contains(c);
    if let Some(odd) = url.path().chars().find(|c| !is_plain(*c)) {
        return Err(unusable(&format!(
            "its path holds {odd:?}, and letters, digits and -_.~ alone are plain to every server"
        )));
    }
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    let faults = InstallLink::parse(link.as_str());
    for fault in faults.faults() {
        terminal::warning(&fault.to_string(), None);
    }
    Ok(url)
}

fn notes(arguments: &Arguments) -> Result<Notes, Failure> {
    let text = match (&arguments.notes, &arguments.notes_file) {
        (Some(text), _) => text.clone(),
        (None, Some(file)) => std::fs::read_to_string(file).map_err(|error| {
            Failure::not_done(format_args!("the notes in {} could not be read", file.display()))
                .because(&error)
        })?,
        (None, None) => String::new(),
    };
    Ok(Notes::from_markdown(&text))
}

fn apps(arguments: &Arguments, base: &Url, notes: &Notes) -> Result<Vec<App>, Failure> {
    let now = clock::now();
    let mut folders = name::Names::default();
    let is_alone = arguments.packages.len() == 1;
    let read = |package: &PathBuf| {
        let app = ReadApp::read(package, now)?;
        let place = if is_alone { Place::Root } else { Place::Folder(folders.unique(&app.title)) };
        app.placed(base, place, arguments.organisation.as_deref(), notes)
    };
    arguments.packages.iter().map(read).collect()
}

/// Fills the folder.
fn write(folder: &SiteFolder, base: &Url, apps: &[App], organisation: Option<&str>) -> Result<(), Failure> {
    folder.file("airstair.css", Asset::Stylesheet.bytes())?;
    folder.file("mark.svg", Asset::Mark.bytes())?;
    for app in apps {
        app.write(folder)?;
    }
    if apps.len() > 1 {
        let page = list(base, apps, organisation);
        folder.file("index.html", rendered(&page)?.as_bytes())?;
    }
    for settings in server_settings::all(base, folder.target(), apps) {
        folder.file(&settings.path(), settings.text.as_bytes())?;
    }
    Ok(())
}

/// The page that leads to those of several apps.
fn list(base: &Url, apps: &[App], organisation: Option<&str>) -> ListPage {
    ListPage {
        title: organisation.map_or_else(|| "Apps".to_owned(), |name| format!("Apps by {name}")),
        apps: apps.iter().map(App::listed).collect(),
        page_url: base.to_string(),
        qr_code: QrCode::of(base.as_str()),
        assets: PageAssets::beside(),
    }
}

fn rendered(page: &impl Page) -> Result<String, Failure> {
    page.render().map_err(|error| Failure::not_done("a page could not be rendered").because(&error))
}

/// What keeps devices from installing the app, though its page is made.
fn warn(app: &App) {
    if !app.read.findings.is_empty() {
        terminal::remark(format_args!("{STRONG}{}{STRONG:#}", plain(&app.read.title)));
        findings::show(&app.read.findings, |row| terminal::remark(row));
    }
}

fn answer(folder: PathBuf, base: &Url, apps: &[App]) -> Answer {
    Answer {
        server_settings: server_settings::all(base, &folder, apps)
            .iter()
            .map(|settings| folder.join(settings.path()))
            .collect(),
        folder,
        page_url: base.to_string(),
        apps: apps
            .iter()
            .map(|app| AppAnswer {
                package: app.read.package.clone(),
                name: app.read.title.clone(),
                bundle_id: app.read.bundle_id.clone(),
                version: app.read.version.clone(),
                build_number: app.read.build_number.clone(),
                size_bytes: app.read.size_bytes,
                page_url: app.page_url().to_owned(),
                manifest_url: app.link().manifest_url().to_owned(),
                package_url: app.package_url().to_owned(),
                install_link: app.link().to_string(),
                findings: app.read.findings.clone(),
            })
            .collect(),
    }
}

fn show(folder: &Path, base: &Url, apps: &[App]) {
    let shown = folder.display().to_string();
    line(format_args!("{STRONG}{}{STRONG:#} is ready for {}", plain(&shown), plain(base.as_str())));
    for app in apps {
        let (version, number) = (&app.read.version, &app.read.build_number);
        paragraph(
            2,
            &format!("{} {version} ({number}), {}", app.read.title, pages::size(app.read.size_bytes)),
        );
    }
    line("");
    paragraph(
        0,
        "Next: copy the folder to your web server, and have it served as the file for it in server-settings/ says: nginx.conf, Caddyfile, apache.conf or s3.sh. Then open the address on an iPhone.",
    );
}
