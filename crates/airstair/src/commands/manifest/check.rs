use std::fs::File;
use std::io::Read;
use std::path::Path;

use bounded_plist::{Format as PlistFormat, Limits};
use itms_services::{
    AssetKind, DigestCheck, DropReason, IgnoredAsset, ItemVerdict, KeyStanding, ManifestDocument, OfferedApp,
    SeenKey, WhyIgnored,
};
use serde::Serialize;

use super::app_info;
use crate::cli::Format;
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::package_source::PackageSource;
use crate::terminal::{
    self, BAD, GOOD, STRONG, WARNING, field, heading, line, paragraph, plain, styled_field,
};
use crate::words;

/// The most bytes a manifest may have.
const MANIFEST_BYTES: u64 = 4 << 20;

/// The answer of `airstair manifest --check FILE --json`.
#[derive(Serialize)]
struct Answer {
    /// Whether a device offers every item.
    accepted: bool,
    /// `xml` or `binary`.
    format: Option<&'static str>,
    items: Vec<ItemAnswer>,
    /// What speaks against the manifest, worst first.
    faults: Vec<String>,
    /// What is odd and does no harm.
    notes: Vec<String>,
}

#[derive(Serialize)]
struct ItemAnswer {
    /// Place in `items`, from 0.
    index: usize,
    /// `offered`, `for-watch` or `dropped`.
    verdict: &'static str,
    /// Why it is dropped.
    reasons: Vec<String>,
    bundle_id: Option<String>,
    bundle_version: Option<String>,
    title: Option<String>,
    subtitle: Option<String>,
    assets: Vec<AssetAnswer>,
    ignored_assets: Vec<String>,
}

#[derive(Serialize)]
struct AssetAnswer {
    kind: &'static str,
    path: String,
    url: String,
    /// How the download is checked, in words.
    digests: String,
}

pub(super) fn run(
    manifest: &Path,
    package: Option<&Path>,
    model: Option<&str>,
    format: Format,
) -> Result<Outcome, Failure> {
    let bytes = read(manifest)?;
    let document = ManifestDocument::read(&bytes, &Limits::default()).map_err(|error| {
        let failure = Failure::bad_answer(format_args!("{} is no manifest", name(manifest))).because(&error);
        if looks_like_html(&bytes) {
            failure.help("it is a web page: the server likely answered a login or an error page in its place")
        } else {
            failure.help("a device would end the installation here, on several versions without a message")
        }
    })?;
    let mut answer = Answer::of(&document, model);
    if let Some(package) = package {
        answer.compare(&document, package)?;
    }
    let outcome = if answer.accepted { Outcome::Fine } else { Outcome::Bad };
    match format {
        Format::Json => terminal::json(&answer),
        Format::Text => answer.show(),
    }
    Ok(outcome)
}

fn read(manifest: &Path) -> Result<Vec<u8>, Failure> {
    let unreadable =
        |error| Failure::not_done(format_args!("{} could not be read", name(manifest))).because(&error);
    let mut bytes = Vec::new();
    if manifest == Path::new("-") {
        std::io::stdin().lock().take(MANIFEST_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    } else {
        File::open(manifest)
            .and_then(|file| file.take(MANIFEST_BYTES + 1).read_to_end(&mut bytes))
            .map_err(unreadable)?;
    }
    if bytes.len() as u64 > MANIFEST_BYTES {
        return Err(Failure::bad_answer(format_args!(
            "{} is longer than {}, which no manifest is",
            name(manifest),
            pages::size(MANIFEST_BYTES)
        )));
    }
    Ok(bytes)
}

fn name(manifest: &Path) -> String {
    if manifest == Path::new("-") { "standard input".to_owned() } else { manifest.display().to_string() }
}

fn looks_like_html(bytes: &[u8]) -> bool {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]).to_ascii_lowercase();
    start.contains("<!doctype html") || start.contains("<html")
}

impl Answer {
    fn of(document: &ManifestDocument, model: Option<&str>) -> Self {
        let view = document.device_view(model);
        let items: Vec<_> = view.items.iter().map(ItemAnswer::new).collect();
        let mut faults = Vec::new();
        if items.is_empty() {
            faults.push("there are no items in it, so a device has nothing to offer".to_owned());
        }
        let insecure = view.offered().flat_map(|app| &app.assets).filter(|asset| !is_https(asset.url));
        faults.extend(insecure.map(|asset| {
            format!(
                "the url of {} is not https; devices may or may not take it (likely by version)",
                asset.path
            )
        }));
        let accepted = faults.is_empty() && items.iter().all(|item| item.verdict != "dropped");
        Self {
            accepted,
            format: document.format().map(|format| match format {
                PlistFormat::Xml => "xml",
                PlistFormat::Binary => "binary",
            }),
            items,
            faults,
            notes: document.keys().iter().filter_map(note).collect(),
        }
    }

    /// Compares what is offered with the app in `package`.
    fn compare(&mut self, document: &ManifestDocument, package: &Path) -> Result<(), Failure> {
        let info = app_info(&PackageSource::file(package)?, package)?;
        let view = document.device_view(None);
        let Some(id) = info.bundle_id.known().map(ipa::BundleId::as_str) else { return Ok(()) };
        if view.offered().next().is_none() {
            return Ok(());
        }
        let Some(app) = view.offered().find(|app| app.bundle_identifier == id) else {
            self.accepted = false;
            self.faults.push(format!(
                "no item has the package's bundle identifier {id}; the app would likely download and then vanish without a message"
            ));
            return Ok(());
        };
        let number = info.build_number.known().map(ipa::BuildNumber::as_str);
        if let (Some(said), Some(number)) = (app.bundle_version, number)
            && said != number
        {
            self.notes.push(format!("bundle-version is {said}, the package's CFBundleVersion is {number}"));
        }
        Ok(())
    }

    fn show(&self) {
        let offered = self.items.iter().filter(|item| item.verdict == "offered").count();
        let (style, words) = match (offered, self.accepted) {
            (0, _) => (BAD, "A device offers nothing from this manifest.".to_owned()),
            (_, true) => (GOOD, format!("A device offers to install {}.", words::count(offered, "app"))),
            (_, false) => (
                WARNING,
                format!(
                    "A device offers to install {}, yet something is wrong.",
                    words::count(offered, "app")
                ),
            ),
        };
        line(format_args!("{style}{words}{style:#}"));
        for item in &self.items {
            item.show();
        }
        for (title, sentences) in [("Faults", &self.faults), ("Notes", &self.notes)] {
            if !sentences.is_empty() {
                heading(title);
                for sentence in sentences {
                    paragraph(2, &pages::sentence(sentence));
                }
            }
        }
    }
}

fn is_https(url: &str) -> bool {
    url.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://"))
}

/// What is odd about a key.
fn note(key: &SeenKey) -> Option<String> {
    if key.is_of_other_kind() {
        let expected = key.expected.map_or("something else", |kind| kind.as_str());
        return Some(format!("{} is {}, expected {expected}", key.path, key.found.as_str()));
    }
    match key.standing {
        KeyStanding::Removed => Some(format!("{} is no longer in Apple's schema, and is ignored", key.path)),
        KeyStanding::Unknown => Some(format!("{} is known to nobody, and likely ignored", key.path)),
        _ => None,
    }
}

impl ItemAnswer {
    fn new(verdict: &ItemVerdict<'_>) -> Self {
        let nothing = |index, verdict| Self {
            index,
            verdict,
            reasons: Vec::new(),
            bundle_id: None,
            bundle_version: None,
            title: None,
            subtitle: None,
            assets: Vec::new(),
            ignored_assets: Vec::new(),
        };
        match verdict {
            ItemVerdict::Offered(app) => Self::offered(app),
            ItemVerdict::ForWatch { index } => nothing(*index, "for-watch"),
            ItemVerdict::Dropped { index, reasons } => {
                Self { reasons: reasons.iter().map(reason).collect(), ..nothing(*index, "dropped") }
            }
            _ => nothing(usize::MAX, "unknown"),
        }
    }

    fn offered(app: &OfferedApp<'_>) -> Self {
        Self {
            index: app.index,
            verdict: "offered",
            reasons: Vec::new(),
            bundle_id: Some(app.bundle_identifier.to_owned()),
            bundle_version: app.bundle_version.map(str::to_owned),
            title: Some(app.title.to_owned()),
            subtitle: app.subtitle.map(str::to_owned),
            assets: app
                .assets
                .iter()
                .map(|asset| AssetAnswer {
                    kind: asset.kind.as_str(),
                    path: asset.path.clone(),
                    url: asset.url.to_owned(),
                    digests: digest_words(&asset.digest_check),
                })
                .collect(),
            ignored_assets: app.ignored.iter().map(ignored).collect(),
        }
    }

    fn show(&self) {
        heading(format_args!("Item {}", self.index + 1));
        match self.verdict {
            "offered" => {}
            "for-watch" => paragraph(2, "Passed on to the paired watch."),
            _ => line(format_args!("  {BAD}dropped{BAD:#}")),
        }
        for reason in &self.reasons {
            paragraph(4, &pages::sentence(reason));
        }
        for (label, value) in [
            ("Title", &self.title),
            ("Identifier", &self.bundle_id),
            ("Build", &self.bundle_version),
            ("Subtitle", &self.subtitle),
        ] {
            if let Some(value) = value {
                field(label, value);
            }
        }
        for asset in &self.assets {
            line(format_args!("  {STRONG}{}{STRONG:#}", asset.kind));
            line(format_args!("    {}", plain(&asset.url)));
            if asset.kind == AssetKind::SoftwarePackage.as_str() {
                paragraph(4, &pages::sentence(&asset.digests));
            }
        }
        for ignored in &self.ignored_assets {
            styled_field("Ignored", ignored, WARNING);
        }
    }
}

fn reason(reason: &DropReason) -> String {
    match reason {
        DropReason::MetadataMissing => "it has no metadata".to_owned(),
        DropReason::KindNotSoftware { found: Some(found) } => {
            format!("metadata.kind is {found:?}, expected \"software\"")
        }
        DropReason::KindNotSoftware { found: None } => {
            "metadata.kind is missing, expected \"software\"".to_owned()
        }
        DropReason::BundleIdentifierMissing => "metadata.bundle-identifier is missing or blank".to_owned(),
        DropReason::TitleMissing => "metadata.title is missing or blank".to_owned(),
        DropReason::OtherPlatform { found } => {
            format!("metadata.platform-identifier is {found:?}; leave it out (error 752)")
        }
        DropReason::PackageMissing => "it has no asset of kind software-package with a whole url".to_owned(),
        _ => "a device drops it".to_owned(),
    }
}

fn ignored(asset: &IgnoredAsset) -> String {
    let why = match &asset.why {
        WhyIgnored::NoKind => "it has no kind".to_owned(),
        WhyIgnored::UnknownKind(kind) => format!("nothing is known to use the kind {kind:?}"),
        WhyIgnored::NoUrl => "it has no url".to_owned(),
        WhyIgnored::NoHost => "its url has no host".to_owned(),
        WhyIgnored::Repeated(kind) => format!("a {kind} came before"),
        WhyIgnored::Thinned(kind) => format!("this model takes its own {kind}"),
        _ => "a device does not use it".to_owned(),
    };
    format!("{}: {why}", asset.path)
}

fn digest_words(check: &DigestCheck<'_>) -> String {
    match check {
        DigestCheck::None => "it is downloaded unchecked".to_owned(),
        DigestCheck::Whole { algorithm, .. } => format!("it is checked by one {algorithm} digest"),
        DigestCheck::Chunks { algorithm, chunk_bytes, digests } => {
            format!("it is checked by {algorithm} digests of {} chunks of {chunk_bytes} bytes", digests.len())
        }
        DigestCheck::Ignored { algorithm, count } => {
            format!(
                "its {count} {algorithm} digests are ignored without a word: the chunk size or a digest makes no sense"
            )
        }
    }
}
