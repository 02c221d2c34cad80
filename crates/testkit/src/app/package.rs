//! The package around an app.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, Write};
use std::sync::{LazyLock, Mutex};

use time::macros::utc_datetime;
use time::{Duration, UtcDateTime};

use super::bundle::{Bundle, BundleKind, Shared};
use crate::codesign::CodeSignature;
use crate::icon::Icon;
use crate::macho::MachO;
use crate::pki::Chain;
use crate::plist::{Format, InfoPlist, Value};
use crate::profile::{Profile, SigningKind, TEAM};
use crate::zip::{Archive, Content, Entry, Habit, Layout};

/// An app package to be written.
///
/// Unless told otherwise: an ad hoc build for iPhone and iPad, iOS 15.0 or later, arm64, version 1.0 (1), sound on
/// [`AppPackage::NOW`], zipped as Xcode does.
///
/// ```
/// use testkit::app::AppPackage;
/// use testkit::profile::SigningKind;
///
/// let bytes = AppPackage::new("com.example.notes")
///     .name("Notes")
///     .version("1.2.3")
///     .build_number("456")
///     .signing(SigningKind::InHouse)
///     .extension("widget")
///     .build();
/// assert_eq!(&bytes[..4], b"PK\x03\x04");
/// ```
#[derive(Clone)]
#[must_use]
pub struct AppPackage {
    app: Bundle,
    now: UtcDateTime,
    team: String,
    signing: SigningKind,
    version: String,
    build_number: String,
    chain: Option<Chain>,
    signs: bool,
    habit: Habit,
    top_level: Vec<Entry>,
    payload_folder: String,
}

impl AppPackage {
    /// The moment a package is sound at, unless [`now`](Self::now) says another.
    pub const NOW: UtcDateTime = utc_datetime!(2026-06-01 12:00:00);

    /// A sound package of the app with this bundle identifier, called after its last part.
    pub fn new(identifier: &str) -> Self {
        let last = identifier.rsplit('.').next().unwrap_or(identifier);
        let mut name = last.to_owned();
        if let Some(initial) = name.get_mut(..1) {
            initial.make_ascii_uppercase();
        }
        Self {
            app: Bundle::new(BundleKind::App, identifier, &name),
            now: Self::NOW,
            team: TEAM.to_owned(),
            signing: SigningKind::AdHoc,
            version: "1.0".to_owned(),
            build_number: "1".to_owned(),
            chain: None,
            signs: true,
            habit: Habit::Xcode,
            top_level: Vec::new(),
            payload_folder: "Payload".to_owned(),
        }
    }

    /// The certificate, in DER, that all packages are signed below which are not told otherwise: what to trust for them.
    #[must_use]
    pub fn root() -> Vec<u8> {
        Chain::new(TEAM, SigningKind::default().leaf(), Self::NOW).root.certificate.der
    }

    /// The moment the package is sound at: certificates and profiles are valid around it.
    pub fn now(mut self, now: UtcDateTime) -> Self {
        self.now = now;
        self
    }

    /// `CFBundleShortVersionString`, of nested bundles too.
    pub fn version(mut self, version: &str) -> Self {
        version.clone_into(&mut self.version);
        self
    }

    /// `CFBundleVersion`, of nested bundles too.
    pub fn build_number(mut self, build_number: &str) -> Self {
        build_number.clone_into(&mut self.build_number);
        self
    }

    /// The team, ten letters and digits.
    pub fn team(mut self, team: &str) -> Self {
        team.clone_into(&mut self.team);
        self
    }

    /// How it is signed, which decides the profiles.
    pub fn signing(mut self, signing: SigningKind) -> Self {
        self.signing = signing;
        self
    }

    /// The chain every profile is signed by, whose leaf it lists and code is signed by; else what
    /// [`Chain::new`] makes for team, signing and date.
    pub fn chain(mut self, chain: &Chain) -> Self {
        self.chain = Some(chain.clone());
        self
    }

    /// Changes the app's own bundle by any of its methods.
    pub fn bundle(mut self, change: impl FnOnce(Bundle) -> Bundle) -> Self {
        self.app = change(self.app);
        self
    }

    /// Folder, executable and `CFBundleName`.
    pub fn name(self, name: &str) -> Self {
        self.bundle(|app| app.name(name))
    }

    /// `CFBundleDisplayName`.
    pub fn display_name(self, name: &str) -> Self {
        self.info("CFBundleDisplayName", name)
    }

    /// `MinimumOSVersion`.
    pub fn minimum_os(self, version: &str) -> Self {
        self.info("MinimumOSVersion", version)
    }

    /// `UIDeviceFamily`: 1 iPhone, 2 iPad.
    pub fn families(self, families: &[i64]) -> Self {
        self.info("UIDeviceFamily", Value::Array(families.iter().map(|family| (*family).into()).collect()))
    }

    /// Sets any key of the app's Info.plist.
    pub fn info(self, key: &str, value: impl Into<Value>) -> Self {
        let (key, value) = (key.to_owned(), value.into());
        self.edit_info(move |info| info.set(&key, value.clone()))
    }

    /// Leaves a key of the app's Info.plist out.
    pub fn without_info(self, key: &str) -> Self {
        let key = key.to_owned();
        self.edit_info(move |info| info.without(&key))
    }

    /// How the app's Info.plist is written.
    pub fn info_format(self, format: Format) -> Self {
        self.edit_info(move |info| info.format(format))
    }

    /// Changes the app's Info.plist.
    pub fn edit_info(self, change: impl Fn(InfoPlist) -> InfoPlist + Send + Sync + 'static) -> Self {
        self.bundle(|app| app.info(change))
    }

    /// Changes the app's profile.
    pub fn profile(self, change: impl Fn(Profile) -> Profile + Send + Sync + 'static) -> Self {
        self.bundle(|app| app.profile(change))
    }

    /// Puts these bytes into the app's `embedded.mobileprovision`.
    pub fn profile_bytes(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.bundle(|app| app.profile_bytes(bytes))
    }

    /// Leaves the app's profile out.
    pub fn without_profile(self) -> Self {
        self.bundle(Bundle::without_profile)
    }

    /// Lists these devices in the app's profile.
    pub fn devices<T: Into<String>>(self, devices: impl IntoIterator<Item = T>) -> Self {
        let devices: Vec<String> = devices.into_iter().map(Into::into).collect();
        self.profile(move |profile| profile.devices(devices.clone()))
    }

    /// When the app's profile runs out.
    pub fn expires_at(self, at: UtcDateTime) -> Self {
        self.profile(move |profile| profile.expires_at(at))
    }

    /// Changes the app's executable.
    pub fn executable(self, change: impl Fn(MachO) -> MachO + Send + Sync + 'static) -> Self {
        self.bundle(|app| app.executable(change))
    }

    /// Puts these bytes where the app's executable belongs.
    pub fn executable_bytes(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.bundle(|app| app.executable_bytes(bytes))
    }

    /// Changes the app's code signature.
    pub fn signature(self, change: impl Fn(CodeSignature) -> CodeSignature + Send + Sync + 'static) -> Self {
        self.bundle(|app| app.signature(change))
    }

    /// Signs no code at all, neither the app's nor that of bundles inside.
    pub fn unsigned(mut self) -> Self {
        self.signs = false;
        self
    }

    /// Adds or replaces a file in the app's bundle once everything is signed: the seal no longer fits.
    pub fn file_after_signing(self, path: &str, content: impl Into<Content>) -> Self {
        self.bundle(|app| app.file_after_signing(path, content))
    }

    /// The iPhone icon in place of the drawn one, crushed as Xcode does.
    pub fn icon(self, icon: Icon) -> Self {
        self.icon_bytes(icon.crushed())
    }

    /// These bytes as the iPhone icon.
    pub fn icon_bytes(self, bytes: impl Into<Content>) -> Self {
        self.file("AppIcon60x60@2x.png", bytes)
    }

    /// No icon files, though the Info.plist names them: as when they lie in `Assets.car` alone.
    pub fn without_icon(self) -> Self {
        self.without_file("AppIcon60x60@2x.png").without_file("AppIcon76x76@2x~ipad.png")
    }

    /// Adds or replaces a file in the app's bundle; generated contents never lie in memory whole.
    ///
    /// ```
    /// use testkit::app::AppPackage;
    /// use testkit::zip::Content;
    ///
    /// let many = (0..500).fold(AppPackage::new("com.example.notes"), |package, seed| {
    ///     package.file(&format!("Assets/{seed}.bin"), Content::HalfNoise { bytes: 1000, seed })
    /// });
    /// let layout = many.write_to(std::io::sink())?;
    /// assert!(layout.entries.len() > 500);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn file(self, path: &str, content: impl Into<Content>) -> Self {
        self.bundle(|app| app.file(path, content))
    }

    /// Leaves a file out of the app's bundle.
    pub fn without_file(self, path: &str) -> Self {
        self.bundle(|app| app.without_file(path))
    }

    /// Adds an extension whose identifier is the app's, a dot and `suffix`.
    pub fn extension(self, suffix: &str) -> Self {
        self.bundle(|app| app.nested_as(BundleKind::Extension, suffix))
    }

    /// Adds a watch app whose identifier is the app's, a dot and `suffix`.
    pub fn watch_app(self, suffix: &str) -> Self {
        self.bundle(|app| app.nested_as(BundleKind::WatchApp, suffix))
    }

    /// Adds an app clip whose identifier is the app's, a dot and `suffix`.
    pub fn app_clip(self, suffix: &str) -> Self {
        self.bundle(|app| app.nested_as(BundleKind::AppClip, suffix))
    }

    /// Adds a framework whose identifier is the app's, a dot and `suffix`.
    pub fn framework(self, suffix: &str) -> Self {
        self.bundle(|app| app.nested_as(BundleKind::Framework, suffix))
    }

    /// Adds a bundle made elsewhere.
    pub fn nested(self, bundle: Bundle) -> Self {
        self.bundle(|app| app.nested(bundle))
    }

    /// The tool that zips it.
    pub fn habit(mut self, habit: Habit) -> Self {
        self.habit = habit;
        self
    }

    /// Adds an entry beside the app, its name counted from the top: `SwiftSupport/…`, `iTunesMetadata.plist`, clutter.
    pub fn top_level(mut self, entry: Entry) -> Self {
        self.top_level.push(entry);
        self
    }

    /// The folder the app lies in, in place of `Payload`.
    pub fn payload_folder(mut self, folder: &str) -> Self {
        folder.clone_into(&mut self.payload_folder);
        self
    }

    /// The archive, to change its entries before it is written.
    pub fn archive(&self) -> Archive {
        let root = format!("{}/{}/", self.payload_folder, self.app.folder());
        let files = self.app.files(&self.shared());
        let mut folders = BTreeSet::from([format!("{}/", self.payload_folder), root.clone()]);
        for path in files.keys() {
            let slashes = path.match_indices('/');
            folders.extend(slashes.map(|(at, _)| format!("{root}{}", &path[..=at])));
        }
        let mut entries: Vec<_> = folders.into_iter().map(Entry::directory).collect();
        entries.extend(files.into_iter().map(|(path, file)| {
            let name = format!("{root}{path}");
            if file.executable {
                Entry::executable(name, file.content)
            } else {
                Entry::file(name, file.content)
            }
        }));
        entries.sort_by(|one, other| one.name().cmp(other.name()));
        let changed = self.now - Duration::days(1);
        Archive::with_habit(self.habit)
            .entries(entries.into_iter().map(|entry| entry.modified(changed)))
            .entries(self.top_level.iter().cloned())
    }

    fn shared(&self) -> Shared {
        Shared {
            now: self.now,
            team: self.team.clone(),
            signing: self.signing,
            version: self.version.clone(),
            build_number: self.build_number.clone(),
            chain: self.chain.clone().unwrap_or_else(|| sound_chain(&self.team, self.signing, self.now)),
            signs: self.signs,
        }
    }

    /// The package in memory.
    #[must_use]
    pub fn build(&self) -> Vec<u8> {
        self.archive().build()
    }

    /// Writes the package to `out` in one pass.
    ///
    /// # Errors
    ///
    /// What `out` answers.
    pub fn write_to(&self, out: impl Write) -> io::Result<Layout> {
        self.archive().write_to(out)
    }
}

/// What [`Chain::new`] makes: once, since its keys and signatures cost as much as all others of a package.
fn sound_chain(team: &str, signing: SigningKind, now: UtcDateTime) -> Chain {
    type Made = HashMap<(String, SigningKind, UtcDateTime), Chain>;
    static MADE: LazyLock<Mutex<Made>> = LazyLock::new(Mutex::default);
    let mut made = MADE.lock().expect("nothing panics while it is held");
    made.entry((team.to_owned(), signing, now))
        .or_insert_with(|| Chain::new(team, signing.leaf(), now))
        .clone()
}
