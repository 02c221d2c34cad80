//! The answer of `airstair inspect --json`, as `docs/json/inspect.md` describes it.
//!
//! Names carry their units. What is absent is `null`; what could not be read or was not looked at is `null` too, and
//! named with its reason in `unreadable` and `not_measured` of its bundle.

use bounded_plist::{Dictionary, Value};
use doctor::{Finding, Report, Skipped};
use ipa::icon::{Icon, IconSource};
use ipa::{
    Bundle, BundleKind, Companion, Demand, Devices, Encryption, Fact, InspectError, LaunchCheck, ManagedBy,
    Membership, Names, Package, Profile, Slice, Surroundings,
};
use probe::Traffic;
use serde::Serialize;
use signed_data::Certificate;
use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;

use super::Detail;

/// The whole answer.
#[derive(Serialize)]
pub(super) struct Answer {
    /// Why this is no app package.
    problem: Option<String>,
    package: Option<PackageAnswer>,
    /// In the order in which a device would meet them.
    findings: Vec<Finding>,
    /// Rules that could not be applied; never the same as fine.
    skipped: Vec<SkippedAnswer>,
    /// What reading over the network cost.
    traffic: Option<TrafficAnswer>,
}

#[derive(Serialize)]
struct SkippedAnswer {
    code: &'static str,
    bundle: Option<String>,
    reason: String,
}

#[derive(Serialize)]
struct TrafficAnswer {
    requests: u64,
    bytes: u64,
}

#[derive(Serialize)]
struct PackageAnswer {
    size_bytes: u64,
    entries: usize,
    unpacked_bytes: u64,
    app: BundleAnswer,
    /// Each after the one it lies in.
    nested: Vec<BundleAnswer>,
    unseen_bundles: usize,
    icon: IconAnswer,
    surroundings: SurroundingsAnswer,
}

#[derive(Serialize)]
struct IconAnswer {
    /// `file`, `asset-catalog`, or `drawn` when there is none.
    source: &'static str,
    name: Option<String>,
    pixels: u32,
}

#[derive(Serialize)]
struct SurroundingsAnswer {
    companions: Vec<&'static str>,
    top_level_strays: NamesAnswer,
    payload_strays: NamesAnswer,
    sc_info: NamesAnswer,
    faulty_names: NamesAnswer,
    duplicate_names: NamesAnswer,
    symlinks: NamesAnswer,
}

#[derive(Serialize)]
struct NamesAnswer {
    count: usize,
    /// The first of them.
    first: Vec<String>,
}

#[derive(Serialize)]
struct BundleAnswer {
    path: String,
    /// `app`, `app-extension`, `watch-app`, `app-clip` or `framework`.
    kind: String,
    bundle_id: Option<String>,
    version: Option<String>,
    build_number: Option<String>,
    display_name: Option<String>,
    name: Option<String>,
    minimum_os: Option<String>,
    device_families: Option<Vec<&'static str>>,
    platforms: Option<Vec<&'static str>>,
    capabilities: Option<Vec<CapabilityAnswer>>,
    url_schemes: Option<Vec<String>>,
    supported_devices: Option<Vec<String>>,
    extension_point: Option<String>,
    companion_bundle_id: Option<String>,
    sdk: Option<String>,
    xcode: Option<String>,
    localized_names: Option<Vec<LocalizedNameAnswer>>,
    executable: Option<ExecutableAnswer>,
    profile: Option<ProfileAnswer>,
    unreadable: Vec<GapAnswer>,
    not_measured: Vec<GapAnswer>,
}

#[derive(Serialize)]
struct CapabilityAnswer {
    name: String,
    /// `present` or `lacking`.
    must_be: &'static str,
}

#[derive(Serialize)]
struct LocalizedNameAnswer {
    language: String,
    name: Option<String>,
}

#[derive(Serialize)]
struct ExecutableAnswer {
    name: Option<String>,
    slices: Vec<SliceAnswer>,
}

#[derive(Serialize)]
struct SliceAnswer {
    cpu: String,
    uuid: Option<String>,
    encrypted: Option<bool>,
    platform: Option<&'static str>,
    minimum_os: Option<String>,
    sdk: Option<String>,
}

#[derive(Serialize)]
struct ProfileAnswer {
    name: Option<String>,
    uuid: Option<String>,
    /// `development`, `ad-hoc`, `in-house` or `app-store`.
    signing_kind: &'static str,
    /// `listed`, `any` or `none`.
    devices: &'static str,
    device_count: Option<usize>,
    /// With `--devices` alone.
    device_ids: Option<Vec<String>>,
    team_name: Option<String>,
    team_ids: Option<Vec<String>>,
    /// `free` or `paid`.
    membership: &'static str,
    /// `xcode` or `team`.
    managed_by: Option<&'static str>,
    /// Whether the device asks Apple before the first launch.
    launch_check: Option<bool>,
    app_id_name: Option<String>,
    application_identifier: Option<String>,
    prefixes: Option<Vec<String>>,
    platforms: Option<Vec<&'static str>>,
    created_at: Option<String>,
    expires_at: Option<String>,
    certificates: Option<Vec<CertificateAnswer>>,
    entitlements: Option<serde_json::Value>,
}

#[derive(Serialize)]
struct CertificateAnswer {
    common_name: Option<String>,
    organisation: Option<String>,
    organisational_unit: Option<String>,
    not_before: String,
    not_after: String,
    sha256: String,
}

#[derive(Serialize)]
struct GapAnswer {
    /// The field, such as `profile.expires_at`.
    field: String,
    reason: String,
}

impl Answer {
    pub(super) fn new(
        package: &Result<Package, InspectError>,
        icon: Option<&Icon>,
        report: &Report,
        detail: Detail,
        traffic: Option<Traffic>,
    ) -> Self {
        let found = package.as_ref().ok().zip(icon);
        Self {
            problem: package.as_ref().err().map(ToString::to_string),
            package: found.map(|(package, icon)| PackageAnswer::new(package, icon, detail)),
            findings: report.findings.clone(),
            skipped: report.skipped.iter().map(SkippedAnswer::new).collect(),
            traffic: traffic.map(|Traffic { requests, bytes }| TrafficAnswer { requests, bytes }),
        }
    }
}

impl SkippedAnswer {
    fn new(skipped: &Skipped) -> Self {
        let Skipped { code, bundle, reason } = skipped.clone();
        Self { code, bundle, reason }
    }
}

impl PackageAnswer {
    fn new(package: &Package, icon: &Icon, detail: Detail) -> Self {
        Self {
            size_bytes: package.size_bytes,
            entries: package.entries,
            unpacked_bytes: package.unpacked_bytes,
            app: BundleAnswer::new(&package.app, detail),
            nested: package.nested.iter().map(|bundle| BundleAnswer::new(bundle, detail)).collect(),
            unseen_bundles: package.unseen_bundles,
            icon: IconAnswer::new(icon),
            surroundings: SurroundingsAnswer::new(&package.surroundings),
        }
    }
}

impl IconAnswer {
    fn new(icon: &Icon) -> Self {
        let (source, name) = match icon.source() {
            IconSource::Loose(name) => ("file", Some(name.clone())),
            IconSource::AssetCatalog(name) => ("asset-catalog", Some(name.clone())),
            _ => ("drawn", None),
        };
        Self { source, name, pixels: icon.pixels() }
    }
}

impl SurroundingsAnswer {
    fn new(surroundings: &Surroundings) -> Self {
        let names = |names: &Names| NamesAnswer { count: names.count, first: names.first.clone() };
        Self {
            companions: surroundings.companions.iter().map(|companion| companion_name(*companion)).collect(),
            top_level_strays: names(&surroundings.top_level_strays),
            payload_strays: names(&surroundings.payload_strays),
            sc_info: names(&surroundings.sc_info),
            faulty_names: names(&surroundings.faulty_names),
            duplicate_names: names(&surroundings.duplicate_names),
            symlinks: names(&surroundings.symlinks),
        }
    }
}

fn companion_name(companion: Companion) -> &'static str {
    match companion {
        Companion::SwiftSupport => "swift-support",
        Companion::Symbols => "symbols",
        Companion::BitcodeSymbolMaps => "bitcode-symbol-maps",
        Companion::WatchKitSupport => "watchkit-support",
        Companion::MessagesSupport => "messages-support",
        Companion::StoreMetadata => "store-metadata",
        Companion::StoreArtwork => "store-artwork",
        _ => "other",
    }
}

/// Collects what stays `null` for a reason.
#[derive(Default)]
struct Gaps {
    unreadable: Vec<GapAnswer>,
    not_measured: Vec<GapAnswer>,
}

impl Gaps {
    /// The value of a fact; why there is none is kept under `field`.
    fn known<'f, T>(&mut self, field: &str, fact: &'f Fact<T>) -> Option<&'f T> {
        let gap = |reason: &String| GapAnswer { field: field.to_owned(), reason: reason.clone() };
        match fact {
            Fact::Known(value) => return Some(value),
            Fact::Absent => {}
            Fact::Unreadable(reason) => self.unreadable.push(gap(reason)),
            Fact::NotMeasured(reason) => self.not_measured.push(gap(reason)),
        }
        None
    }

    fn text<T: ToString>(&mut self, field: &str, fact: &Fact<T>) -> Option<String> {
        self.known(field, fact).map(ToString::to_string)
    }

    fn list<T, U>(&mut self, field: &str, fact: &Fact<Vec<T>>, view: impl Fn(&T) -> U) -> Option<Vec<U>> {
        self.known(field, fact).map(|values| values.iter().map(view).collect())
    }
}

impl BundleAnswer {
    fn new(bundle: &Bundle, detail: Detail) -> Self {
        let mut gaps = Gaps::default();
        let info = gaps.known("info", &bundle.info);
        let mut answer = Self {
            path: bundle.path.clone(),
            kind: bundle.kind.as_str().replace(' ', "-"),
            bundle_id: info.and_then(|info| gaps.text("bundle_id", &info.bundle_id)),
            version: info.and_then(|info| gaps.text("version", &info.version)),
            build_number: info.and_then(|info| gaps.text("build_number", &info.build_number)),
            display_name: info.and_then(|info| gaps.text("display_name", &info.display_name)),
            name: info.and_then(|info| gaps.text("name", &info.name)),
            minimum_os: info.and_then(|info| gaps.text("minimum_os", &info.minimum_os)),
            device_families: info.and_then(|info| {
                gaps.list("device_families", &info.device_families, |family| family.as_str())
            }),
            platforms: info
                .and_then(|info| gaps.list("platforms", &info.platforms(), |platform| platform.as_str())),
            capabilities: info.and_then(|info| {
                gaps.list("capabilities", &info.capabilities, |capability| CapabilityAnswer {
                    name: capability.name.clone(),
                    must_be: match capability.demand {
                        Demand::Present => "present",
                        Demand::Lacking => "lacking",
                    },
                })
            }),
            url_schemes: info.and_then(|info| gaps.list("url_schemes", &info.url_schemes, Clone::clone)),
            supported_devices: info
                .and_then(|info| gaps.list("supported_devices", &info.supported_devices, Clone::clone)),
            extension_point: info.and_then(|info| gaps.text("extension_point", &info.extension_point)),
            companion_bundle_id: info.and_then(|info| gaps.text("companion_bundle_id", &info.companion)),
            sdk: info.and_then(|info| gaps.text("sdk", &info.sdk)),
            xcode: info.and_then(|info| gaps.text("xcode", &info.xcode)),
            localized_names: localized_names(bundle, &mut gaps),
            executable: gaps
                .known("executable", &bundle.executable)
                .map(|executable| executable.slices.as_slice())
                .map(|slices| ExecutableAnswer {
                    name: info.and_then(|info| gaps.text("executable.name", &info.executable)),
                    slices: slices
                        .iter()
                        .enumerate()
                        .map(|(place, slice)| SliceAnswer::new(place, slice, &mut gaps))
                        .collect(),
                }),
            profile: gaps
                .known("profile", &bundle.profile)
                .map(|profile| ProfileAnswer::new(profile, detail, &mut gaps)),
            unreadable: Vec::new(),
            not_measured: Vec::new(),
        };
        answer.unreadable = gaps.unreadable;
        answer.not_measured = gaps.not_measured;
        answer
    }
}

/// Measured for the app alone; of other bundles nobody expects them.
fn localized_names(bundle: &Bundle, gaps: &mut Gaps) -> Option<Vec<LocalizedNameAnswer>> {
    if bundle.kind != BundleKind::App {
        return None;
    }
    let names = gaps.known("localized_names", &bundle.localized_names)?;
    let answer = |name: &ipa::LocalizedName| LocalizedNameAnswer {
        name: gaps.text(&format!("localized_names.{}", name.language), &name.name),
        language: name.language.clone(),
    };
    Some(names.iter().map(answer).collect())
}

impl SliceAnswer {
    fn new(place: usize, slice: &Slice, gaps: &mut Gaps) -> Self {
        let field = |name: &str| format!("executable.slices.{place}.{name}");
        Self {
            cpu: slice.cpu.to_string(),
            uuid: gaps.text(&field("uuid"), &slice.uuid),
            encrypted: match gaps.known(&field("encrypted"), &slice.encryption) {
                Some(encryption) => Some(matches!(encryption, Encryption::Encrypted(_))),
                None if slice.encryption.is_absent() => Some(false),
                None => None,
            },
            platform: gaps.known(&field("platform"), &slice.platform).map(|platform| platform.as_str()),
            minimum_os: gaps.text(&field("minimum_os"), &slice.minimum_os),
            sdk: gaps.text(&field("sdk"), &slice.sdk),
        }
    }
}

impl ProfileAnswer {
    fn new(profile: &Profile, detail: Detail, gaps: &mut Gaps) -> Self {
        let (devices, device_count, device_ids) = match &profile.devices {
            Devices::Listed { udids, odd } => {
                let ids = udids.iter().map(ToString::to_string).chain(odd.iter().cloned());
                ("listed", Some(udids.len() + odd.len()), detail.devices.then(|| ids.collect()))
            }
            Devices::Any => ("any", None, None),
            Devices::None => ("none", None, None),
        };
        Self {
            name: gaps.text("profile.name", &profile.name),
            uuid: gaps.text("profile.uuid", &profile.uuid),
            signing_kind: profile.kind.as_str(),
            devices,
            device_count,
            device_ids,
            team_name: gaps.text("profile.team_name", &profile.team_name),
            team_ids: gaps.list("profile.team_ids", &profile.team_ids, ToString::to_string),
            membership: match profile.membership {
                Membership::Free => "free",
                Membership::Paid => "paid",
            },
            managed_by: gaps.known("profile.managed_by", &profile.managed_by).map(|manager| match manager {
                ManagedBy::Xcode => "xcode",
                ManagedBy::Team => "team",
            }),
            launch_check: gaps
                .known("profile.launch_check", &profile.launch_check)
                .map(|check| *check == LaunchCheck::Demanded),
            app_id_name: gaps.text("profile.app_id_name", &profile.app_id_name),
            application_identifier: profile.application_identifier().map(str::to_owned),
            prefixes: gaps.list("profile.prefixes", &profile.prefixes, Clone::clone),
            platforms: gaps.list("profile.platforms", &profile.platforms, |platform| platform.as_str()),
            created_at: gaps.known("profile.created_at", &profile.created_at).copied().map(moment),
            expires_at: gaps.known("profile.expires_at", &profile.expires_at).copied().map(moment),
            certificates: certificates(profile, gaps),
            entitlements: gaps.known("profile.entitlements", &profile.entitlements).map(object),
        }
    }
}

/// Those that can be read.
fn certificates(profile: &Profile, gaps: &mut Gaps) -> Option<Vec<CertificateAnswer>> {
    let certificates = gaps.known("profile.certificates", &profile.certificates)?;
    let answers = certificates.iter().enumerate().filter_map(|(place, certificate)| {
        gaps.known(&format!("profile.certificates.{place}"), certificate).map(CertificateAnswer::new)
    });
    Some(answers.collect())
}

impl CertificateAnswer {
    fn new(certificate: &Certificate) -> Self {
        let subject = certificate.subject();
        Self {
            common_name: subject.common_name().map(str::to_owned),
            organisation: subject.organization().map(str::to_owned),
            organisational_unit: subject.organizational_unit().map(str::to_owned),
            not_before: moment(certificate.not_before()),
            not_after: moment(certificate.not_after()),
            sha256: hexadecimal(&certificate.sha256()),
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `2026-11-21T09:59:25Z`.
pub(super) fn moment(moment: UtcDateTime) -> String {
    moment.format(&Rfc3339).unwrap_or_else(|_| moment.to_string())
}

/// A property list as JSON: dates as text, data in hexadecimal digits, numbers beyond 64 bits as text.
pub(super) fn object(dictionary: &Dictionary) -> serde_json::Value {
    dictionary
        .iter()
        .map(|(key, value)| (key.to_owned(), json(value)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Array(values) => values.iter().map(json).collect(),
        Value::Boolean(value) => (*value).into(),
        Value::Data(bytes) => hexadecimal(bytes).into(),
        Value::Date(date) => moment(*date).into(),
        Value::Dictionary(dictionary) => object(dictionary),
        Value::Integer(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => number.into(),
            (None, Some(number)) => number.into(),
            (None, None) => number.to_string().into(),
        },
        Value::Real(number) => (*number).into(),
        Value::String(text) => text.as_str().into(),
        Value::Uid(id) => (*id).into(),
    }
}
