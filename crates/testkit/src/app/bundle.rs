//! One bundle: an app, or an extension, watch app, app clip or framework inside it.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use time::{Duration, UtcDateTime};

use crate::codesign::{CodeSignature, Sealed};
use crate::icon::Icon;
use crate::macho::{Arch, MachO, Platform, fat_of};
use crate::pki::Chain;
use crate::plist::{
    Dictionary, InfoPlist, StringsFormat, Value, code_resources, entitlements, strings_file, texts,
};
use crate::profile::{Profile, SigningKind};
use crate::zip::Content;

/// Drawing costs more than all else that a package takes.
static PHONE_ICON: LazyLock<Vec<u8>> = LazyLock::new(|| Icon::new(120).crushed());
static PAD_ICON: LazyLock<Vec<u8>> = LazyLock::new(|| Icon::new(152).crushed_in_two());

/// What a bundle is, hence where in the package it lies and what it holds.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum BundleKind {
    /// The app itself: `Payload/NAME.app`.
    App,
    /// `PlugIns/NAME.appex`.
    Extension,
    /// `Watch/NAME.app`.
    WatchApp,
    /// `AppClips/NAME.app`.
    AppClip,
    /// `Frameworks/NAME.framework`; has no profile.
    Framework,
}

/// What a bundle and all bundles inside it have in common.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) now: UtcDateTime,
    pub(super) team: String,
    pub(super) signing: SigningKind,
    pub(super) version: String,
    pub(super) build_number: String,
    /// What profiles and code are signed by.
    pub(super) chain: Chain,
    /// Whether code is signed at all.
    pub(super) signs: bool,
}

/// One bundle to be written; version, team, signing and dates come from its package.
#[derive(Clone)]
#[must_use]
pub struct Bundle {
    kind: BundleKind,
    identifier: String,
    name: String,
    info_changes: Vec<InfoChange>,
    profile: ProfileChoice,
    executable: ExecutableChoice,
    further_slices: Vec<MachO>,
    signature: SignatureChoice,
    files: BTreeMap<String, Option<Content>>,
    changed_files: BTreeMap<String, Option<Content>>,
    nested: Vec<Bundle>,
}

type InfoChange = Arc<dyn Fn(InfoPlist) -> InfoPlist + Send + Sync>;
type ProfileChange = Arc<dyn Fn(Profile) -> Profile + Send + Sync>;
type ExecutableChange = Arc<dyn Fn(MachO) -> MachO + Send + Sync>;
type SignatureChange = Arc<dyn Fn(CodeSignature) -> CodeSignature + Send + Sync>;

#[derive(Clone)]
enum ProfileChoice {
    Own(Vec<ProfileChange>),
    Bytes(Vec<u8>),
    None,
}

#[derive(Clone)]
enum ExecutableChoice {
    Own(Vec<ExecutableChange>),
    Bytes(Vec<u8>),
    None,
}

#[derive(Clone)]
enum SignatureChoice {
    Own(Vec<SignatureChange>),
    None,
}

impl Bundle {
    /// A bundle of `kind` whose executable and folder are called `name`.
    pub fn new(kind: BundleKind, identifier: &str, name: &str) -> Self {
        Self {
            kind,
            identifier: identifier.to_owned(),
            name: name.to_owned(),
            info_changes: Vec::new(),
            profile: if kind == BundleKind::Framework {
                ProfileChoice::None
            } else {
                ProfileChoice::Own(Vec::new())
            },
            executable: ExecutableChoice::Own(Vec::new()),
            further_slices: Vec::new(),
            signature: SignatureChoice::Own(Vec::new()),
            files: BTreeMap::new(),
            changed_files: BTreeMap::new(),
            nested: Vec::new(),
        }
    }

    /// Folder, executable and `CFBundleName`.
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// Changes the Info.plist.
    pub fn info(mut self, change: impl Fn(InfoPlist) -> InfoPlist + Send + Sync + 'static) -> Self {
        self.info_changes.push(Arc::new(change));
        self
    }

    /// Changes the profile, back to a good one if there was none.
    pub fn profile(mut self, change: impl Fn(Profile) -> Profile + Send + Sync + 'static) -> Self {
        let change: ProfileChange = Arc::new(change);
        match &mut self.profile {
            ProfileChoice::Own(changes) => changes.push(change),
            ProfileChoice::Bytes(_) | ProfileChoice::None => self.profile = ProfileChoice::Own(vec![change]),
        }
        self
    }

    /// Puts these bytes into `embedded.mobileprovision`.
    pub fn profile_bytes(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.profile = ProfileChoice::Bytes(bytes.into());
        self
    }

    /// Leaves `embedded.mobileprovision` out.
    pub fn without_profile(mut self) -> Self {
        self.profile = ProfileChoice::None;
        self
    }

    /// Changes the executable, back to a good one if there was none.
    pub fn executable(mut self, change: impl Fn(MachO) -> MachO + Send + Sync + 'static) -> Self {
        let change: ExecutableChange = Arc::new(change);
        match &mut self.executable {
            ExecutableChoice::Own(changes) => changes.push(change),
            ExecutableChoice::Bytes(_) | ExecutableChoice::None => {
                self.executable = ExecutableChoice::Own(vec![change]);
            }
        }
        self
    }

    /// Adds a slice for another processor, which makes the executable a fat one.
    pub fn slice(mut self, macho: MachO) -> Self {
        self.further_slices.push(macho);
        self
    }

    /// Puts these bytes, unsigned, where the executable belongs.
    pub fn executable_bytes(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.executable = ExecutableChoice::Bytes(bytes.into());
        self
    }

    /// Leaves the executable out.
    pub fn without_executable(mut self) -> Self {
        self.executable = ExecutableChoice::None;
        self
    }

    /// Changes the code signature, back to a good one if there was none.
    pub fn signature(
        mut self,
        change: impl Fn(CodeSignature) -> CodeSignature + Send + Sync + 'static,
    ) -> Self {
        let change: SignatureChange = Arc::new(change);
        match &mut self.signature {
            SignatureChoice::Own(changes) => changes.push(change),
            SignatureChoice::None => self.signature = SignatureChoice::Own(vec![change]),
        }
        self
    }

    /// Leaves the code signature out, and `_CodeSignature` with it; bundles inside are signed on their own.
    pub fn unsigned(mut self) -> Self {
        self.signature = SignatureChoice::None;
        self
    }

    /// Adds or replaces a file once everything is signed.
    pub fn file_after_signing(mut self, path: &str, content: impl Into<Content>) -> Self {
        self.changed_files.insert(path.to_owned(), Some(content.into()));
        self
    }

    /// Takes a file away once everything is signed.
    pub fn without_file_after_signing(mut self, path: &str) -> Self {
        self.changed_files.insert(path.to_owned(), None);
        self
    }

    /// Adds or replaces a file, such as `en.lproj/InfoPlist.strings`.
    pub fn file(mut self, path: &str, content: impl Into<Content>) -> Self {
        self.files.insert(path.to_owned(), Some(content.into()));
        self
    }

    /// Leaves a file out, whatever else would put it there.
    pub fn without_file(mut self, path: &str) -> Self {
        self.files.insert(path.to_owned(), None);
        self
    }

    /// Puts another bundle inside.
    pub fn nested(mut self, bundle: Bundle) -> Self {
        self.nested.push(bundle);
        self
    }

    /// Puts a bundle inside whose identifier is this one's, a dot and `suffix`; its name is `suffix`.
    pub fn nested_as(self, kind: BundleKind, suffix: &str) -> Self {
        let bundle = Self::new(kind, &format!("{}.{suffix}", self.identifier), suffix);
        self.nested(bundle)
    }

    /// The bundle's folder name, such as `Notes.app`.
    pub(super) fn folder(&self) -> String {
        let extension = match self.kind {
            BundleKind::App | BundleKind::WatchApp | BundleKind::AppClip => "app",
            BundleKind::Extension => "appex",
            BundleKind::Framework => "framework",
        };
        format!("{}.{extension}", self.name)
    }

    /// Every file by its path in the bundle.
    pub(super) fn files(&self, shared: &Shared) -> BTreeMap<String, BundleFile> {
        let mut files = self.drawn(shared);
        files.extend(
            self.embedded_profile(shared)
                .map(|bytes| ("embedded.mobileprovision".into(), BundleFile::plain(bytes))),
        );
        for bundle in &self.nested {
            let nested = bundle.files(shared).into_iter();
            files.extend(
                nested.map(|(path, file)| (format!("{}/{}/{path}", bundle.home(), bundle.folder()), file)),
            );
        }
        replace(&mut files, &self.files);
        // In the order of signing: what lies there is sealed, and a signature in the executable would seal the seal.
        let seal = "_CodeSignature/CodeResources";
        if self.signs(shared) && !self.files.contains_key(seal) {
            let resources = code_resources(files.iter().map(|(path, file)| (path.as_str(), &file.content)));
            files.insert(seal.to_owned(), BundleFile::plain(resources));
        }
        let held = |path| files.get(path).map(|file: &BundleFile| file.content.bytes());
        let (info_plist, resources) = (held("Info.plist"), held(seal));
        let sealed = Sealed { info_plist: info_plist.as_deref(), resources: resources.as_deref() };
        if let Some(content) = self.main_executable(shared, &sealed) {
            files.insert(self.name.clone(), BundleFile { content: content.into(), executable: true });
        }
        replace(&mut files, &self.changed_files);
        files
    }

    fn signs(&self, shared: &Shared) -> bool {
        shared.signs && matches!(self.signature, SignatureChoice::Own(_))
    }

    /// Info.plist, icons and texts.
    fn drawn(&self, shared: &Shared) -> BTreeMap<String, BundleFile> {
        let mut files = BTreeMap::new();
        let mut put = |path: String, content: Vec<u8>| files.insert(path, BundleFile::plain(content));
        put("Info.plist".to_owned(), self.info_plist(shared).build());
        if !matches!(self.kind, BundleKind::Framework | BundleKind::Extension) {
            put("PkgInfo".to_owned(), b"APPL????".to_vec());
        }
        if matches!(self.kind, BundleKind::App | BundleKind::AppClip) {
            put("AppIcon60x60@2x.png".to_owned(), PHONE_ICON.clone());
            put("AppIcon76x76@2x~ipad.png".to_owned(), PAD_ICON.clone());
        }
        if self.kind == BundleKind::App {
            for (language, format) in [
                ("en", StringsFormat::Binary),
                ("fr", StringsFormat::Xml),
                ("de", StringsFormat::OldStyleUtf16),
                ("sv", StringsFormat::OldStyle),
            ] {
                let name = format!("{} ({language}) \"ö\"", self.name);
                put(
                    format!("{language}.lproj/InfoPlist.strings"),
                    strings_file(&[("CFBundleDisplayName", &name)], format),
                );
            }
        }
        files
    }

    fn embedded_profile(&self, shared: &Shared) -> Option<Vec<u8>> {
        match &self.profile {
            ProfileChoice::None => None,
            ProfileChoice::Bytes(bytes) => Some(bytes.clone()),
            ProfileChoice::Own(changes) => {
                let profile = Profile::new(shared.signing, &self.identifier, shared.now)
                    .team(&shared.team)
                    .chain(&shared.chain);
                Some(changes.iter().fold(profile, |profile, change| change(profile)).build())
            }
        }
    }

    fn main_executable(&self, shared: &Shared, sealed: &Sealed<'_>) -> Option<Vec<u8>> {
        let changes = match &self.executable {
            ExecutableChoice::None => return None,
            ExecutableChoice::Bytes(bytes) => return Some(bytes.clone()),
            ExecutableChoice::Own(changes) => changes,
        };
        let first = changes.iter().fold(self.macho(shared), |macho, change| change(macho));
        let signature = self.code_signature(shared);
        let mut slices = std::iter::once(first).chain(self.further_slices.iter().cloned()).map(|macho| {
            let arch = macho.arch();
            let bytes = match &signature {
                Some(signature) => signature.sign(macho, sealed),
                None => macho.build(),
            };
            (arch, bytes)
        });
        Some(if self.further_slices.is_empty() {
            slices.next().map(|(_, bytes)| bytes).unwrap_or_default()
        } else {
            fat_of(&slices.collect::<Vec<_>>())
        })
    }

    fn code_signature(&self, shared: &Shared) -> Option<CodeSignature> {
        let SignatureChoice::Own(changes) = &self.signature else { return None };
        if !shared.signs {
            return None;
        }
        let signature =
            CodeSignature::new(&self.identifier, &shared.team, &shared.chain, shared.now - Duration::days(1));
        let signature = if self.kind == BundleKind::Framework {
            signature
        } else {
            let mut claims = entitlements(&shared.team, &self.identifier, shared.signing.get_task_allow());
            claims.insert(
                "keychain-access-groups".to_owned(),
                texts([format!("{}.{}", shared.team, self.identifier)]),
            );
            if shared.signing == SigningKind::AppStore {
                claims.insert("beta-reports-active".to_owned(), true.into());
            }
            signature.entitlements(claims)
        };
        Some(changes.iter().fold(signature, |signature, change| change(signature)))
    }

    /// The folder of the host it lies in.
    fn home(&self) -> &'static str {
        match self.kind {
            BundleKind::App => "Payload",
            BundleKind::Extension => "PlugIns",
            BundleKind::WatchApp => "Watch",
            BundleKind::AppClip => "AppClips",
            BundleKind::Framework => "Frameworks",
        }
    }

    fn info_plist(&self, shared: &Shared) -> InfoPlist {
        let info = match self.kind {
            BundleKind::Extension => InfoPlist::new(&self.identifier, &self.name, "XPC!").set(
                "NSExtension",
                dictionary([("NSExtensionPointIdentifier", "com.apple.widgetkit-extension".into())]),
            ),
            BundleKind::Framework => InfoPlist::new(&self.identifier, &self.name, "FMWK"),
            BundleKind::WatchApp => InfoPlist::new(&self.identifier, &self.name, "APPL")
                .set("CFBundleSupportedPlatforms", texts(["WatchOS"]))
                .set("DTPlatformName", "watchos")
                .set("DTPlatformVersion", "11.0")
                .set("DTSDKName", "watchos11.0")
                .set("MinimumOSVersion", "9.0")
                .set("UIDeviceFamily", Value::Array(vec![4.into()]))
                .set("WKApplication", true)
                .set("WKCompanionAppBundleIdentifier", host(&self.identifier)),
            BundleKind::App | BundleKind::AppClip => {
                let icons = |files: &[&str]| {
                    let primary = dictionary([
                        ("CFBundleIconFiles", texts(files.iter().copied())),
                        ("CFBundleIconName", "AppIcon".into()),
                    ]);
                    dictionary([("CFBundlePrimaryIcon", primary)])
                };
                let info = InfoPlist::app(&self.identifier, &self.name)
                    .set("CFBundleIcons", icons(&["AppIcon60x60"]))
                    .set("CFBundleIcons~ipad", icons(&["AppIcon60x60", "AppIcon76x76"]));
                if self.kind == BundleKind::AppClip {
                    info.set(
                        "NSAppClip",
                        dictionary([("NSAppClipRequestEphemeralUserNotification", false.into())]),
                    )
                } else {
                    info
                }
            }
        };
        let info = info
            .set("CFBundleShortVersionString", shared.version.as_str())
            .set("CFBundleVersion", shared.build_number.as_str());
        self.info_changes.iter().fold(info, |info, change| change(info))
    }

    fn macho(&self, shared: &Shared) -> MachO {
        let seed = format!("{} {} {}", self.identifier, shared.version, shared.build_number);
        match self.kind {
            BundleKind::Framework => {
                MachO::library(Arch::Arm64, &format!("@rpath/{}/{}", self.folder(), self.name))
                    .uuid_from(&seed)
            }
            BundleKind::WatchApp => MachO::executable(Arch::Arm64_32)
                .build_version(Platform::WatchOs, (9, 0), (11, 0))
                .uuid_from(&seed),
            BundleKind::App | BundleKind::AppClip | BundleKind::Extension => {
                MachO::executable(Arch::Arm64).uuid_from(&seed)
            }
        }
    }
}

/// A file of a bundle.
pub(super) struct BundleFile {
    pub(super) content: Content,
    pub(super) executable: bool,
}

impl BundleFile {
    fn plain(content: impl Into<Content>) -> Self {
        Self { content: content.into(), executable: false }
    }
}

/// Puts these files in the place of others, or takes them away.
fn replace(files: &mut BTreeMap<String, BundleFile>, changes: &BTreeMap<String, Option<Content>>) {
    for (path, content) in changes {
        match content {
            Some(content) => files.insert(path.clone(), BundleFile::plain(content.clone())),
            None => files.remove(path),
        };
    }
}

/// The identifier without its last part.
fn host(identifier: &str) -> &str {
    identifier.rsplit_once('.').map_or(identifier, |(host, _)| host)
}

fn dictionary<const N: usize>(pairs: [(&str, Value); N]) -> Value {
    Value::Dictionary(pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Dictionary>())
}
