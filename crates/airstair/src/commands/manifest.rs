mod check;

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum, ValueHint};
use ipa::{BundleId, InfoPlist};
use itms_services::{AssetKind, ChunkDigests, Manifest, ManifestItem, PackageDigests};
use serde::Serialize;

use crate::cli::Format;
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::package_source::PackageSource;
use crate::terminal;

/// Write the manifest of a package, or say what a device takes from one
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  airstair manifest Notes.ipa --url https://apps.example.com/Notes.ipa -o manifest.plist
  airstair manifest --check manifest.plist

Exit codes: 0 fine, 1 no app package or a device takes nothing from the manifest, 3 a file could not be read or written")]
pub(crate) struct Arguments {
    /// The package; with --check, the package that the manifest ought to be for
    #[arg(value_name = "APP.ipa", value_hint = ValueHint::FilePath, required_unless_present = "check")]
    package: Option<PathBuf>,
    /// The address that devices fetch the package from
    #[arg(long, value_name = "URL", required_unless_present = "check")]
    url: Option<String>,
    /// The address of a square PNG, shown while the app installs
    #[arg(long, value_name = "URL")]
    icon_url: Option<String>,
    /// The address of a large square PNG
    #[arg(long, value_name = "URL")]
    full_size_icon_url: Option<String>,
    /// Add digests, by which a device checks the package while it downloads
    #[arg(long, value_enum, value_name = "ALGORITHM")]
    digests: Option<Digests>,
    /// The name in the device's prompt, in place of the app's own
    #[arg(long)]
    title: Option<String>,
    /// Who offers the app
    #[arg(long)]
    subtitle: Option<String>,
    /// Write to this file and not to standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: Option<PathBuf>,
    /// Say what a device takes from this manifest; `-` reads standard input
    #[arg(long, value_name = "FILE.plist", value_hint = ValueHint::FilePath,
          conflicts_with_all = ["url", "icon_url", "full_size_icon_url", "digests", "title", "subtitle", "output"])]
    check: Option<PathBuf>,
    /// With --check: the device's model, such as iPhone15,2, which decides between thinned packages
    #[arg(long, requires = "check")]
    model: Option<String>,
}

/// How a device is to check the package.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Digests {
    /// SHA-256 of each 10 MiB
    Sha256,
    /// MD5 of each 10 MiB beside SHA-256, for readers that know nothing else
    Md5,
}

/// The answer of `airstair manifest APP.ipa --json`.
#[derive(Serialize)]
struct Answer {
    /// The file it was written to.
    file: Option<PathBuf>,
    /// The manifest, where it was not written to a file.
    manifest: Option<String>,
    bundle_id: String,
    build_number: Option<String>,
    title: String,
    package_url: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, format: Format) -> Result<Outcome, Failure> {
    if let Some(manifest) = &arguments.check {
        return check::run(manifest, arguments.package.as_deref(), arguments.model.as_deref(), format);
    }
    let (Some(package), Some(url)) = (&arguments.package, &arguments.url) else {
        return Err(Failure::usage("a package and --url are needed"));
    };
    let item = item(arguments, package, url)?;
    let manifest = Manifest::new(item.clone()).to_xml();
    if let Some(file) = &arguments.output {
        std::fs::write(file, &manifest).map_err(|error| {
            Failure::not_done(format_args!("the manifest could not be written to {}", file.display()))
                .because(&error)
        })?;
    }
    match format {
        Format::Json => terminal::json(&Answer {
            file: arguments.output.clone(),
            manifest: arguments.output.is_none().then(|| String::from_utf8_lossy(&manifest).into_owned()),
            bundle_id: item.bundle_identifier().to_owned(),
            build_number: item.bundle_version().map(str::to_owned),
            title: item.title().to_owned(),
            package_url: item.asset_url(AssetKind::SoftwarePackage).map(str::to_owned),
        }),
        Format::Text if arguments.output.is_none() => terminal::bytes(&manifest),
        Format::Text => {}
    }
    Ok(Outcome::Fine)
}

fn item(arguments: &Arguments, package: &Path, url: &str) -> Result<ManifestItem, Failure> {
    let source = PackageSource::file(package)?;
    let info = app_info(&source, package)?;
    let id = bundle_id(&info, package)?;
    let title = arguments.title.as_deref().or(info.title()).unwrap_or(id.as_str());
    let unfit = |what: &str| {
        let message = format!("{what} has no place in a manifest");
        move |error: itms_services::Error| {
            Failure::usage(message)
                .because(&error)
                .help("addresses are whole and https: 'https://apps.example.com/Notes.ipa', in single quotes")
        }
    };
    let mut item = ManifestItem::new(id.as_str(), title, url)
        .map_err(unfit("the package's address, identifier or name"))?;
    match info.build_number.known().map(|number| item.clone().with_bundle_version(number.as_str())) {
        Some(Ok(with_version)) => item = with_version,
        Some(Err(error)) => {
            terminal::warning(&format!("the build number is left out of the manifest: {error}"), None);
        }
        None => {}
    }
    if let Some(subtitle) = &arguments.subtitle {
        item = item.with_subtitle(subtitle).map_err(unfit("--subtitle"))?;
    }
    if let Some(url) = &arguments.icon_url {
        item = item.with_asset(AssetKind::DisplayImage, url).map_err(unfit("--icon-url"))?;
    }
    if let Some(url) = &arguments.full_size_icon_url {
        item = item.with_asset(AssetKind::FullSizeImage, url).map_err(unfit("--full-size-icon-url"))?;
    }
    match arguments.digests {
        None => Ok(item),
        Some(algorithm) => Ok(item.with_digests(digests(package, algorithm)?)),
    }
}

/// The app's `Info.plist`.
fn app_info(source: &PackageSource, package: &Path) -> Result<InfoPlist, Failure> {
    let no_app = || Failure::bad_answer(format_args!("{} is no app package", package.display()));
    let found = ipa::inspect(source.reader(), source.limits()).map_err(|error| no_app().because(&error))?;
    match found.app.info {
        ipa::Fact::Known(info) => Ok(info),
        ipa::Fact::Absent => Err(no_app().help("its app has no Info.plist: export it from Xcode again")),
        ipa::Fact::Unreadable(reason) | ipa::Fact::NotMeasured(reason) => {
            Err(no_app().help(format_args!("its Info.plist can't be read: {reason}")))
        }
    }
}

fn bundle_id<'i>(info: &'i InfoPlist, package: &Path) -> Result<&'i BundleId, Failure> {
    info.bundle_id.known().ok_or_else(|| {
        Failure::bad_answer(format_args!("the app in {} has no usable CFBundleIdentifier", package.display()))
            .help("a manifest must name it; set it in Xcode and export the app again")
    })
}

fn digests(package: &Path, algorithm: Digests) -> Result<PackageDigests, Failure> {
    let mut digests = match algorithm {
        Digests::Sha256 => ChunkDigests::new(ChunkDigests::DEFAULT_CHUNK_BYTES),
        Digests::Md5 => ChunkDigests::with_md5(ChunkDigests::DEFAULT_CHUNK_BYTES),
    };
    let unreadable =
        |error| Failure::not_done(format_args!("{} could not be read", package.display())).because(&error);
    let mut file = std::fs::File::open(package).map_err(unreadable)?;
    let mut piece = vec![0; 256 << 10];
    loop {
        match file.read(&mut piece).map_err(unreadable)? {
            0 => return Ok(digests.finish()),
            count => digests.update(&piece[..count]),
        }
    }
}
