use time::Duration;

use super::breakage::Change::{App, Bundle as Changed};
use super::signature::STRANGER;
use super::{APP, Breakage, Neighbour};
use crate::app::{AppPackage, Bundle};
use crate::profile::{Profile, SigningKind, TEAM};

/// The profile that a sound package holds.
fn listed() -> Profile {
    Profile::new(SigningKind::AdHoc, APP, AppPackage::NOW)
}

pub(super) fn breakages() -> Vec<Breakage> {
    vec![
        Breakage::error(&["profile-missing"], "no profile", &["profile"], Changed(Bundle::without_profile)),
        Breakage::error(
            &["profile-unreadable"],
            "a profile of nonsense",
            &["profile"],
            Changed(|bundle| bundle.profile_bytes(*b"nonsense")),
        ),
        Breakage::error(
            &["profile-untrusted"],
            "a profile taken out of its signature",
            &["profile"],
            App(|app| app.profile_bytes(listed().bare())),
        ),
        Breakage::error(
            &["profile-untrusted"],
            "a profile changed after it was signed",
            &["profile"],
            App(|app| app.profile_bytes(listed().tampered())),
        ),
        Breakage::error(
            &["app-store-profile"],
            "a build for the store",
            &["profile/kind"],
            App(|app| app.signing(SigningKind::AppStore)),
        )
        .of_all_bundles(),
        Breakage::error(
            &["profile-expired"],
            "at its end",
            &["profile/expires"],
            Changed(|bundle| bundle.profile(|profile| profile.expires_at(AppPackage::NOW))),
        ),
        Breakage::error(
            &["application-identifier-mismatch"],
            "another app's profile",
            &["profile/application-identifier"],
            Changed(|bundle| {
                bundle.profile(|profile| {
                    profile.entitlement("application-identifier", format!("{TEAM}.com.example.other"))
                })
            }),
        ),
        Breakage::error(
            &["platform-mismatch"],
            "an Apple TV's profile",
            &["profile/platforms"],
            Changed(|bundle| bundle.profile(|profile| profile.platforms(["tvOS"]))),
        ),
        Breakage::error(
            &["entitlement-not-allowed"],
            "a claim beyond the profile",
            &["signature/entitlements"],
            Changed(|bundle| {
                bundle.signature(|signature| signature.entitlement("com.apple.developer.healthkit", true))
            }),
        ),
        Breakage::remark(
            &["profile-untrusted"],
            "a profile signed below a root of somebody's own",
            &["profile/signer"],
            Changed(|bundle| bundle.profile(|profile| profile.signed_by(&STRANGER))),
        ),
        Breakage::remark(
            &["profile-expires-soon"],
            "a month before its end",
            &["profile/expires"],
            Changed(|bundle| {
                bundle.profile(|profile| profile.expires_at(AppPackage::NOW + Duration::days(30)))
            }),
        ),
        Breakage::remark(
            &["free-team-profile", "profile-expires-soon", "needs-developer-mode"],
            "a free team's",
            &["profile/kind", "profile/expires"],
            App(|app| app.signing(SigningKind::Development).profile(Profile::free_team)),
        )
        .of_all_bundles(),
        Breakage::remark(
            &["needs-developer-mode"],
            "signed for development",
            &["profile/kind"],
            App(|app| app.signing(SigningKind::Development)),
        )
        .of_all_bundles(),
        Breakage::remark(
            &["needs-trust", "needs-online-check"],
            "signed in-house",
            &["profile/kind"],
            App(|app| app.signing(SigningKind::InHouse)),
        )
        .of_all_bundles(),
        Breakage::remark(
            &["needs-online-check"],
            "a profile that demands it",
            &["profile/check"],
            App(|app| app.profile(|profile| profile.set("PPQCheck", true))),
        ),
    ]
}

pub(super) fn neighbours() -> Vec<Neighbour> {
    let notes = AppPackage::new(APP);
    vec![
        Neighbour::clean(
            "more than a month before its end",
            notes.clone().expires_at(AppPackage::NOW + Duration::days(31)),
        ),
        Neighbour::clean(
            "a profile for all apps",
            notes.profile(|profile| profile.entitlement("application-identifier", format!("{TEAM}.*"))),
        ),
    ]
}
