use ipa::{Bundle, BundleKind, Demand, Encryption, Fact, Slice};
use serde::Serialize;

use super::super::Detail;
use super::profile::ProfileAnswer;

#[derive(Serialize)]
pub(super) struct BundleAnswer {
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
struct GapAnswer {
    /// The field, such as `profile.expires_at`.
    field: String,
    reason: String,
}

/// Collects what stays `null` for a reason.
#[derive(Default)]
pub(super) struct Gaps {
    unreadable: Vec<GapAnswer>,
    not_measured: Vec<GapAnswer>,
}

impl Gaps {
    /// The value of a fact; why there is none is kept under `field`.
    pub(super) fn known<'f, T>(&mut self, field: &str, fact: &'f Fact<T>) -> Option<&'f T> {
        let gap = |reason: &String| GapAnswer { field: field.to_owned(), reason: reason.clone() };
        match fact {
            Fact::Known(value) => return Some(value),
            Fact::Absent => {}
            Fact::Unreadable(reason) => self.unreadable.push(gap(reason)),
            Fact::NotMeasured(reason) => self.not_measured.push(gap(reason)),
        }
        None
    }

    pub(super) fn text<T: ToString>(&mut self, field: &str, fact: &Fact<T>) -> Option<String> {
        self.known(field, fact).map(ToString::to_string)
    }

    pub(super) fn list<T, U>(
        &mut self,
        field: &str,
        fact: &Fact<Vec<T>>,
        view: impl Fn(&T) -> U,
    ) -> Option<Vec<U>> {
        self.known(field, fact).map(|values| values.iter().map(view).collect())
    }
}

impl BundleAnswer {
    pub(super) fn new(bundle: &Bundle, detail: Detail) -> Self {
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
