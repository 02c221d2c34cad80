//! The answer of `airstair inspect` for people.

use ipa::icon::{Icon, IconSource};
use ipa::{
    Bundle, BundleKind, Demand, Devices, Encryption, Fact, InfoPlist, InspectError, Membership, Package,
    Profile, SigningKind, Slice,
};
use time::{Duration, UtcDateTime};

use super::{Detail, answer};
use crate::terminal::{
    BAD, FAINT, GOOD, STRONG, WARNING, faint_paragraph, field, heading, line, paragraph, plain, styled_field,
};
use crate::words;

/// When an expiry is near enough to say so in colour.
const SOON: Duration = Duration::days(30);

pub(super) fn show(package: &Package, icon: &Icon, now: UtcDateTime, detail: Detail) {
    show_title(&package.app);
    show_app(package, icon);
    show_signing(&package.app.profile, now, detail);
    if !package.nested.is_empty() {
        show_nested(package, now);
    }
    show_surroundings(package);
}

pub(super) fn show_problem(error: &InspectError) {
    line(format_args!("{BAD}This is no app package.{BAD:#}"));
    paragraph(0, &pages::sentence(&error.to_string()));
}

fn show_title(app: &Bundle) {
    let Some(info) = known("Info.plist", &app.info) else { return };
    let title = info.title().unwrap_or(app.file_name());
    line(format_args!("{STRONG}{}{STRONG:#}  {}", plain(title), plain(&edition(info))));
    match info.bundle_id.known() {
        Some(id) => line(format_args!("{FAINT}{}{FAINT:#}", plain(id.as_str()))),
        None => line(format_args!("{BAD}no bundle identifier that can be read{BAD:#}")),
    }
    line("");
}

/// Version and build number: `1.2.3 (456)`.
fn edition(info: &InfoPlist) -> String {
    let version = info.version.known().map_or("no version", |version| version.as_str());
    match info.build_number.known() {
        Some(number) => format!("{version} ({number})"),
        None => format!("{version} (no build number)"),
    }
}

fn show_app(package: &Package, icon: &Icon) {
    let app = &package.app;
    if let Fact::Known(info) = &app.info {
        if let Some(version) = known("Requires", &info.minimum_os) {
            field("Requires", &format!("iOS {version} or later"));
        }
        if let Some(families) = known("Made for", &info.device_families) {
            field("Made for", &pages::families(families).unwrap_or_else(|| "no device".into()));
        }
        if let Some(models) = known("Models", &info.supported_devices) {
            field("Models", &format!("thinned for {}", models.join(", ")));
        }
        for (label, key) in [
            ("Identifier", failure(&info.bundle_id)),
            ("Version", failure(&info.version)),
            ("Build", failure(&info.build_number)),
        ] {
            if let Some(reason) = key {
                styled_field(label, &reason, BAD);
            }
        }
        if let Some(schemes) = known("URL schemes", &info.url_schemes).filter(|schemes| !schemes.is_empty()) {
            field("URL schemes", &schemes.join(", "));
        }
        if let Some(capabilities) = known("Needs", &info.capabilities).filter(|all| !all.is_empty()) {
            let words: Vec<_> = capabilities
                .iter()
                .map(|capability| match capability.demand {
                    Demand::Present => capability.name.clone(),
                    Demand::Lacking => format!("no {}", capability.name),
                })
                .collect();
            field("Needs", &words.join(", "));
        }
    }
    let (size, unpacked) = (pages::size(package.size_bytes), pages::size(package.unpacked_bytes));
    field("Size", &format!("{size}, {unpacked} unpacked, {}", words::count(package.entries, "file")));
    field("Icon", &icon_words(icon));
    show_names(app);
    show_executable(app);
}

fn icon_words(icon: &Icon) -> String {
    let pixels = icon.pixels();
    match icon.source() {
        IconSource::Loose(name) => format!("{name}, {pixels} × {pixels} pixels"),
        IconSource::AssetCatalog(name) => format!("{name} in Assets.car, {pixels} × {pixels} pixels"),
        _ => "none that can be read; one is drawn from the name".to_owned(),
    }
}

fn show_names(app: &Bundle) {
    let Some(names) = known("Names", &app.localized_names) else { return };
    let shown: Vec<_> =
        names.iter().filter_map(|name| Some(format!("{} ({})", name.name.known()?, name.language))).collect();
    if !shown.is_empty() {
        field("Names", &shown.join(", "));
    }
}

fn show_executable(app: &Bundle) {
    let Some(executable) = known("Executable", &app.executable) else { return };
    for (place, slice) in executable.slices.iter().enumerate() {
        let label = if place == 0 { "Executable" } else { "" };
        let is_encrypted = matches!(slice.encryption, Fact::Known(Encryption::Encrypted(_)));
        let style = if is_encrypted { BAD } else { anstyle::Style::new() };
        styled_field(label, &slice_words(slice), style);
    }
}

fn slice_words(slice: &Slice) -> String {
    let mut words = vec![slice.cpu.to_string()];
    words.extend(slice.uuid.known().map(ToString::to_string));
    match &slice.encryption {
        Fact::Known(Encryption::Encrypted(_)) => words.push("encrypted by the App Store".into()),
        Fact::Unreadable(reason) | Fact::NotMeasured(reason) => {
            words.push(format!("encryption unknown: {reason}"));
        }
        Fact::Known(Encryption::None) | Fact::Absent => {}
    }
    words.join("  ")
}

fn show_signing(profile: &Fact<Profile>, now: UtcDateTime, detail: Detail) {
    let Some(profile) = known("Profile", profile) else {
        if profile.is_absent() {
            styled_field("Signing", "no provisioning profile", BAD);
        }
        return;
    };
    let free = match profile.membership {
        Membership::Free => ", by a free team",
        Membership::Paid => "",
    };
    let team = match (profile.team_name.known(), profile.team_ids.known().and_then(|ids| ids.first())) {
        (Some(name), Some(id)) => format!(", {name} ({id})"),
        (Some(name), None) => format!(", {name}"),
        (None, Some(id)) => format!(", team {id}"),
        (None, None) => String::new(),
    };
    let style = if profile.kind == SigningKind::AppStore { BAD } else { anstyle::Style::new() };
    styled_field("Signing", &format!("{}{free}{team}", pages::signing(profile.kind)), style);
    if let Some(name) = known("Profile", &profile.name) {
        field("Profile", name);
    }
    if let Some(expires_at) = known("Expires", &profile.expires_at) {
        show_expiry("", *expires_at, now);
    }
    show_devices(&profile.devices, detail);
    if let Some(platforms) = known("Platforms", &profile.platforms) {
        let names: Vec<_> = platforms.iter().map(|platform| platform.as_str()).collect();
        field("Platforms", &names.join(", "));
    }
    show_certificates(profile, now);
    if detail.entitlements
        && let Some(entitlements) = known("Entitlements", &profile.entitlements)
    {
        heading("Entitlements");
        let text = serde_json::to_string_pretty(&answer::object(entitlements)).unwrap_or_default();
        for text in text.lines() {
            line(format_args!("  {}", plain(text)));
        }
    }
}

/// Each by itself; a large team's together.
fn show_certificates(profile: &Profile, now: UtcDateTime) {
    const SHOWN: usize = 3;
    known("Certificates", &profile.certificates);
    let certificates: Vec<_> = profile.readable_certificates().collect();
    if certificates.len() > SHOWN {
        let valid = certificates.iter().filter(|certificate| now < certificate.not_after()).count();
        field("Certificates", &format!("{}, of which {valid} have not expired", certificates.len()));
        return;
    }
    for certificate in certificates {
        let name = certificate.subject().common_name().unwrap_or("without a name");
        field("Certificate", name);
        let style = if certificate.not_after() <= now { BAD } else { FAINT };
        styled_field("", &format!("until {}", pages::day(certificate.not_after())), style);
    }
}

fn show_expiry(indent: &str, expires_at: UtcDateTime, now: UtcDateTime) {
    let (label, style) = match expires_at - now {
        left if left <= Duration::ZERO => ("Expired", BAD),
        left if left < SOON => ("Expires", WARNING),
        _ => ("Expires", GOOD),
    };
    let words = format!("{}, {}", pages::day(expires_at), words::distance(expires_at, now));
    styled_field(&format!("{indent}{label}"), &words, style);
}

fn show_devices(devices: &Devices, detail: Detail) {
    match devices {
        Devices::Any => field("Devices", "any, of the organisation that signed it"),
        Devices::None => styled_field("Devices", "none", BAD),
        Devices::Listed { udids, odd } => {
            let hint = if detail.devices || udids.is_empty() { "" } else { " (--devices lists them)" };
            let odd_words = if odd.is_empty() {
                String::new()
            } else {
                format!(", {} that no device can have", odd.len())
            };
            field("Devices", &format!("{} listed{odd_words}{hint}", udids.len()));
            if detail.devices {
                for device in udids.iter().map(ToString::to_string).chain(odd.iter().cloned()) {
                    field("", &device);
                }
            }
        }
    }
}

fn show_nested(package: &Package, now: UtcDateTime) {
    heading("Inside the app");
    let within = format!("{}/", package.app.path);
    let (frameworks, bundles): (Vec<_>, Vec<_>) =
        package.nested.iter().partition(|bundle| bundle.kind == BundleKind::Framework);
    for bundle in bundles {
        let place = bundle.path.strip_prefix(&within).unwrap_or(&bundle.path);
        line(format_args!("  {STRONG}{}{STRONG:#}", bundle.kind));
        faint_paragraph(4, place);
        if let Some(info) = known("Info.plist", &bundle.info) {
            let id = info.bundle_id.known().map_or("no bundle identifier", |id| id.as_str());
            field("  Identifier", &format!("{id}  {}", edition(info)));
        }
        match &bundle.profile {
            Fact::Known(profile) => {
                let name = profile.name.known().map(|name| format!(", {name}")).unwrap_or_default();
                field("  Signing", &format!("{}{name}", pages::signing(profile.kind)));
                if let Some(expires_at) = known("  Expires", &profile.expires_at) {
                    show_expiry("  ", *expires_at, now);
                }
            }
            Fact::Absent => styled_field("  Signing", "no provisioning profile", BAD),
            other => {
                known("  Profile", other);
            }
        }
    }
    if !frameworks.is_empty() {
        let names: Vec<_> = frameworks.iter().map(|bundle| bundle.file_name()).collect();
        field("Frameworks", &names.join(", "));
    }
    if package.unseen_bundles > 0 {
        paragraph(
            2,
            &format!("and {} that were not looked at", words::count(package.unseen_bundles, "bundle")),
        );
    }
}

fn show_surroundings(package: &Package) {
    let surroundings = &package.surroundings;
    let odd = [
        ("Top level", &surroundings.top_level_strays),
        ("In Payload", &surroundings.payload_strays),
        ("No paths", &surroundings.faulty_names),
        ("Twice there", &surroundings.duplicate_names),
        ("SC_Info", &surroundings.sc_info),
    ];
    if odd.iter().all(|(_, names)| names.count == 0) {
        return;
    }
    heading("Also in the archive");
    for (label, names) in odd.into_iter().filter(|(_, names)| names.count > 0) {
        let more = names.count - names.first.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        field(label, &format!("{}{more}", names.first.join(", ")));
    }
}

/// The value of a fact; else says why there is none, unless it is simply absent.
fn known<'f, T>(label: &str, fact: &'f Fact<T>) -> Option<&'f T> {
    if let Some(reason) = failure(fact) {
        let style = if matches!(fact, Fact::NotMeasured(_)) { FAINT } else { WARNING };
        styled_field(label, &reason, style);
    }
    fact.known()
}

fn failure<T>(fact: &Fact<T>) -> Option<String> {
    match fact {
        Fact::Known(_) | Fact::Absent => None,
        Fact::Unreadable(reason) => Some(format!("unreadable: {reason}")),
        Fact::NotMeasured(reason) => Some(format!("not looked at: {reason}")),
    }
}
