pub(super) mod build_number_missing;
pub(super) mod bundle_identifier_invalid;
pub(super) mod duplicate_nested_identifier;
pub(super) mod encrypted_executable;
pub(super) mod executable_missing;
pub(super) mod icon_missing;
pub(super) mod info_plist_missing;
pub(super) mod info_plist_unreadable;
pub(super) mod nested_identifier_not_prefixed;
pub(super) mod no_device_architecture;
pub(super) mod not_an_ios_app;
pub(super) mod simulator_build;

use ipa::{Bundle, Executable, Fact};

use crate::rule::{NotJudged, measured};

/// The executable, where `Info.plist` names one.
fn executable(bundle: &Bundle) -> Result<&Executable, NotJudged> {
    match measured(&bundle.info)?.executable {
        Fact::Known(_) => measured(&bundle.executable),
        _ => Err(NotJudged::NotMine),
    }
}
