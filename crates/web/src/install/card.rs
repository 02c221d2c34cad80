use catalog::{Build, Channel, DeviceReach, Provenance, ReleasedBuild, Signing};
use distribution::{Install, PageOffer};
use itms_services::InstallLink;
use pages::{
    AppCard, BuildCard, FindingCard, InstallPage, Notes, Offer, OlderBuild, PageAssets, QrCode, Refusal,
    SigningCard,
};

use crate::WebState;

/// What the page of an offer shows.
pub(super) fn install_page(state: &WebState, offer: PageOffer) -> InstallPage {
    let PageOffer { app, channel, build, release, findings, older, install } = offer;
    let signing = build.signing.as_ref().map(signing);
    let offer = match install {
        Install::Offered(link) => Offer::Install(InstallLink::as_str(&link).to_owned()),
        Install::ProfileExpired(at) => Offer::Refused(Refusal::profile_expired(at.into()).with_help()),
    };
    let policy = state.distribution.policy();
    let page_url = state.distribution.page_url(&channel).to_string();
    InstallPage {
        app: AppCard {
            name: build.display_name.clone(),
            bundle_id: app.bundle_id.to_string(),
            organisation: policy.organisation.clone(),
            icon_url: format!("{}/icon.png", build_path(&channel, &build)),
        },
        findings: FindingCard::for_people(&findings, signing.as_ref(), &offer),
        build: BuildCard {
            version: build.version.to_string(),
            build_number: build.build_number.to_string(),
            size_bytes: build.package.size_bytes,
            uploaded_at: build.uploaded_at.into(),
            minimum_os: build.minimum_os.as_ref().map(ToString::to_string),
            devices: pages::families(&build.families),
            signing,
            origin: origin(&build.provenance),
        },
        offer,
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
    let device_count = match signing.devices {
        DeviceReach::Any => None,
        DeviceReach::Listed(count) => Some(count as usize),
    };
    SigningCard::new(signing.kind, signing.profile.expires_at.into(), device_count).with_help()
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
