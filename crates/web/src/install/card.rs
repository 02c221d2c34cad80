use catalog::{Build, Channel, DeviceReach, Provenance, ReleasedBuild, Signing};
use distribution::{Install, PageOffer};
use ipa::{DeviceFamily, SigningKind};
use itms_services::InstallLink;
use pages::{AppCard, BuildCard, InstallPage, Notes, Offer, OlderBuild, PageAssets, QrCode, SigningCard};

use crate::WebState;

/// What the page of an offer shows.
pub(super) fn install_page(state: &WebState, offer: PageOffer) -> InstallPage {
    let PageOffer { app, channel, build, release, older, install } = offer;
    let policy = state.distribution.policy();
    let page_url = state.distribution.page_url(&channel).to_string();
    InstallPage {
        app: AppCard {
            name: build.display_name.clone(),
            bundle_id: app.bundle_id.to_string(),
            organisation: policy.organisation.clone(),
            icon_url: format!("{}/icon.png", build_path(&channel, &build)),
        },
        build: BuildCard {
            version: build.version.to_string(),
            build_number: build.build_number.to_string(),
            size_bytes: build.package.size_bytes,
            uploaded_at: build.uploaded_at.into(),
            minimum_os: build.minimum_os.as_ref().map(ToString::to_string),
            devices: devices(&build.families),
            signing: build.signing.as_ref().map(signing),
            origin: origin(&build.provenance),
        },
        offer: match install {
            Install::Offered(link) => Offer::Install(InstallLink::as_str(&link).to_owned()),
            Install::ProfileExpired(at) => Offer::Refused(format!(
                "Its provisioning profile expired on {}, and iOS refuses it since. Ask for a newer build.",
                pages::day(at.into())
            )),
        },
        notes: Notes::from_markdown(&release.notes),
        qr_code: QrCode::of(&page_url),
        page_url,
        older: older.iter().map(|older| older_build(&channel, older)).collect(),
        assets: PageAssets::served(),
        sample: state.samples.contains(&build.package.sha256),
    }
}

fn older_build(channel: &Channel, older: &ReleasedBuild) -> OlderBuild {
    OlderBuild {
        version: older.build.version.to_string(),
        build_number: older.build.build_number.to_string(),
        released_at: older.release.released_at.into(),
        page_url: build_path(channel, &older.build),
    }
}

fn build_path(channel: &Channel, build: &Build) -> String {
    format!("/i/{}/{}", channel.slug, build.id)
}

fn signing(signing: &Signing) -> SigningCard {
    SigningCard {
        kind: words(signing.kind).to_owned(),
        expires_at: signing.profile.expires_at.into(),
        device_count: match signing.devices {
            DeviceReach::Any => None,
            DeviceReach::Listed(count) => Some(count as usize),
        },
        steps: steps(signing.kind),
    }
}

fn words(kind: SigningKind) -> &'static str {
    match kind {
        SigningKind::Development => "development",
        SigningKind::AdHoc => "ad hoc",
        SigningKind::InHouse => "in-house",
        SigningKind::AppStore => "App Store",
    }
}

/// What the person must do after installing, in the words of the device's own menus.
fn steps(kind: SigningKind) -> Vec<&'static str> {
    match kind {
        SigningKind::InHouse => vec![
            "Open Settings › General › VPN & Device Management, choose the developer and tap Trust.",
            "On iOS 18 and later choose Allow & Restart, and enter the passcode after the restart.",
        ],
        SigningKind::Development => {
            vec!["Open Settings › Privacy & Security › Developer Mode, switch it on and restart when asked."]
        }
        SigningKind::AdHoc | SigningKind::AppStore => vec![],
    }
}

/// What a build was made from, as far as its publisher said: `main at 3f2a91c`, `pull request 12`.
fn origin(provenance: &Provenance) -> Option<String> {
    const SHORT: usize = 10;
    let commit = provenance.commit.as_ref().map(|commit| commit.chars().take(SHORT).collect::<String>());
    let pull_request = provenance.pull_request.as_ref().map(|number| format!("pull request {number}"));
    let place =
        pull_request.or_else(|| provenance.branch.clone()).or_else(|| provenance.tags.first().cloned());
    match (place, commit) {
        (Some(place), Some(commit)) => Some(format!("{place} at {commit}")),
        (place, commit) => place.or(commit),
    }
}

/// Kinds of device in words: `iPhone and iPad`.
fn devices(families: &[DeviceFamily]) -> Option<String> {
    let names: Vec<_> = families.iter().map(ToString::to_string).collect();
    match names.split_last()? {
        (last, []) => Some(last.clone()),
        (last, rest) => Some(format!("{} and {last}", rest.join(", "))),
    }
}
