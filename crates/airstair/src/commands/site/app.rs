use std::path::{Path, PathBuf};

use doctor::Finding;
use ipa::icon::Icon;
use ipa::{Archive, Bundle, Devices, Examined, InfoPlist, Profile, icon};
use itms_services::{AssetKind, InstallLink, Manifest, ManifestItem};
use pages::{
    AppCard, BuildCard, InstallPage, ListedApp, Notes, Offer, PageAssets, QrCode, Refusal, SigningCard,
};
use reqwest::Url;
use time::UtcDateTime;

use super::folder::SiteFolder;
use super::{name, rendered};
use crate::failure::Failure;
use crate::package_source::PackageSource;

/// The pixels of the two icons that manifests name.
const ICON_PIXELS: [u32; 2] = [57, 512];

/// What is known of a package before it has a place.
pub(super) struct ReadApp {
    pub(super) package: PathBuf,
    pub(super) title: String,
    pub(super) bundle_id: String,
    pub(super) version: String,
    pub(super) build_number: String,
    pub(super) size_bytes: u64,
    pub(super) findings: Vec<Finding>,
    pub(super) devices: Option<String>,
    minimum_os: Option<String>,
    signing: Option<SigningCard>,
    expires_at: Option<UtcDateTime>,
    icon: Icon,
    read_at: UtcDateTime,
}

/// An app with its place in the folder, and what lies there.
pub(super) struct App {
    pub(super) read: ReadApp,
    place: Place,
    url: Url,
    package_name: String,
    item: ManifestItem,
    link: InstallLink,
    page: String,
}

/// Where an app's files lie in the folder.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Place {
    /// Beside the stylesheet: the folder is for this app alone.
    Root,
    /// In a folder of this name.
    Folder(String),
}

impl Place {
    /// What goes before the name of a file.
    fn prefix(&self) -> String {
        match self {
            Self::Root => String::new(),
            Self::Folder(name) => format!("{name}/"),
        }
    }

    /// The pages' stylesheet and mark, from a page that lies here.
    fn assets(&self) -> PageAssets {
        let beside = PageAssets::beside();
        match self {
            Self::Root => beside,
            Self::Folder(_) => PageAssets {
                stylesheet: format!("../{}", beside.stylesheet),
                mark: format!("../{}", beside.mark),
            },
        }
    }
}

impl ReadApp {
    /// Looks into the package.
    pub(super) fn read(package: &Path, now: UtcDateTime) -> Result<Self, Failure> {
        let refused = || Failure::bad_answer(format_args!("{} can't be offered", package.display()));
        let source = PackageSource::file(package)?;
        let archive = Archive::open(source.reader(), source.limits())
            .map_err(|error| refused().because(&error).help("export the app from Xcode again"))?;
        let examined = Examined::of_archive(&archive, source.limits())
            .map_err(|error| refused().because(&error).help("try again"))?;
        let findings = doctor::judge(&doctor::Facts::of_package(now, &examined)).findings;
        let found = examined
            .package
            .map_err(|error| refused().because(&error).help("export the app from Xcode again"))?;
        let icon = icon::find(&archive, &found.app, source.limits());
        let size_bytes = found.size_bytes;
        let app = found.app;
        let info =
            app.info.known().ok_or_else(|| refused().help("its app has no Info.plist that can be read"))?;
        let bundle_id = info.bundle_id.known().ok_or_else(|| {
            refused()
                .help("its app has no usable CFBundleIdentifier; set it in Xcode and export the app again")
        })?;
        let (version, build_number) = edition(info);
        Ok(Self {
            package: package.to_owned(),
            title: info.title().unwrap_or(bundle_id.as_str()).to_owned(),
            bundle_id: bundle_id.to_string(),
            version,
            build_number,
            size_bytes,
            findings,
            devices: info.device_families.known().and_then(|families| pages::families(families)),
            minimum_os: info.minimum_os.known().map(ToString::to_string),
            signing: signing(&app),
            expires_at: app.profile.known().and_then(|profile| profile.expires_at.known()).copied(),
            icon,
            read_at: now,
        })
    }

    /// Makes its page and its manifest for where it is to lie.
    pub(super) fn placed(
        self,
        base: &Url,
        place: Place,
        organisation: Option<&str>,
        notes: &Notes,
    ) -> Result<App, Failure> {
        let unfit = |error: &dyn std::error::Error| {
            format!("{} does not fit into a manifest: {error}", self.package.display())
        };
        let prefix = place.prefix();
        // Names made by `name::ascii` need no escape, and the base ends with a slash.
        let address = |name: &str| format!("{base}{prefix}{name}");
        let url = Url::parse(&address("")).map_err(|error| Failure::bad_answer(unfit(&error)))?;
        let stem = self.package.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let package_name = format!("{}.ipa", name::ascii(&stem));
        let item = self
            .item(&address, &package_name, organisation)
            .map_err(|error| Failure::bad_answer(unfit(&error)))?;
        let link = InstallLink::new(&address("manifest.plist"))
            .map_err(|error| Failure::bad_answer(unfit(&error)))?;
        let page = rendered(&self.install_page(&place, url.as_str(), &link, organisation, notes))?;
        Ok(App { read: self, place, url, package_name, item, link, page })
    }

    fn item(
        &self,
        address: &impl Fn(&str) -> String,
        package_name: &str,
        organisation: Option<&str>,
    ) -> Result<ManifestItem, itms_services::Error> {
        let mut item = ManifestItem::new(&self.bundle_id, &self.title, &address(package_name))?
            .with_asset(AssetKind::DisplayImage, &address("icon-57.png"))?
            .with_asset(AssetKind::FullSizeImage, &address("icon-512.png"))?;
        // One that a manifest can't carry is better left out: it is optional.
        if let Ok(with_version) = item.clone().with_bundle_version(&self.build_number) {
            item = with_version;
        }
        match organisation {
            Some(organisation) => item.with_subtitle(organisation),
            None => Ok(item),
        }
    }

    fn install_page(
        &self,
        place: &Place,
        page_url: &str,
        link: &InstallLink,
        organisation: Option<&str>,
        notes: &Notes,
    ) -> InstallPage {
        let expired = self.expires_at.filter(|end| *end <= self.read_at);
        InstallPage {
            app: AppCard {
                name: self.title.clone(),
                bundle_id: self.bundle_id.clone(),
                organisation: organisation.map(str::to_owned),
                icon_url: "icon-512.png".to_owned(),
            },
            build: BuildCard {
                version: self.version.clone(),
                build_number: self.build_number.clone(),
                size_bytes: self.size_bytes,
                uploaded_at: self.read_at,
                minimum_os: self.minimum_os.clone(),
                devices: self.devices.clone(),
                signing: self.signing.clone(),
                origin: None,
            },
            offer: match expired {
                None => Offer::Install(link.to_string()),
                Some(end) => Offer::Refused(Refusal::profile_expired(end)),
            },
            // They lead to a server's pages, and what is soon today is not when the folder is looked at.
            findings: Vec::new(),
            notes: notes.clone(),
            page_url: page_url.to_owned(),
            qr_code: QrCode::of(page_url),
            older: Vec::new(),
            assets: place.assets(),
            sample: false,
        }
    }
}

impl App {
    /// Writes package, manifest, icons and page.
    pub(super) fn write(&self, folder: &SiteFolder) -> Result<(), Failure> {
        let prefix = self.prefix();
        folder.copy(&self.read.package, &format!("{prefix}{}", self.package_name), self.read.size_bytes)?;
        folder.file(&format!("{prefix}manifest.plist"), &Manifest::new(self.item.clone()).to_xml())?;
        for pixels in ICON_PIXELS {
            folder.file(&format!("{prefix}icon-{pixels}.png"), &self.read.icon.resized(pixels))?;
        }
        folder.file(&format!("{prefix}index.html"), self.page.as_bytes())
    }

    /// The address of its page.
    pub(super) fn page_url(&self) -> &str {
        self.url.as_str()
    }

    /// What goes before the names of its files, from the folder's root.
    pub(super) fn prefix(&self) -> String {
        self.place.prefix()
    }

    /// As the list of several apps shows it. Its page is named with its file: some stores of files know no index pages.
    pub(super) fn listed(&self) -> ListedApp {
        let prefix = self.prefix();
        ListedApp {
            name: self.read.title.clone(),
            version: self.read.version.clone(),
            build_number: self.read.build_number.clone(),
            size_bytes: self.read.size_bytes,
            devices: self.read.devices.clone(),
            page_url: format!("{prefix}index.html"),
            icon_url: format!("{prefix}icon-512.png"),
        }
    }

    pub(super) fn link(&self) -> &InstallLink {
        &self.link
    }

    /// The package's name in the folder.
    pub(super) fn package_name(&self) -> &str {
        &self.package_name
    }

    pub(super) fn package_url(&self) -> &str {
        self.item.asset_url(AssetKind::SoftwarePackage).expect("every item has its package")
    }
}

/// Version and build number; each stands in for the other.
fn edition(info: &InfoPlist) -> (String, String) {
    let version = info.version.known().map(ToString::to_string);
    let number = info.build_number.known().map(ToString::to_string);
    match (version, number) {
        (Some(version), Some(number)) => (version, number),
        (Some(one), None) | (None, Some(one)) => (one.clone(), one),
        (None, None) => ("unknown".to_owned(), "unknown".to_owned()),
    }
}

fn signing(app: &Bundle) -> Option<SigningCard> {
    let profile: &Profile = app.profile.known()?;
    let device_count = match &profile.devices {
        Devices::Listed { udids, .. } => Some(udids.len()),
        Devices::Any | Devices::None => None,
    };
    Some(SigningCard::new(profile.kind, *profile.expires_at.known()?, device_count))
}
