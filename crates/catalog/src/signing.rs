use ipa::{SigningKind, TeamId};

use crate::Timestamp;

/// How a build is signed, from the profile of its app bundle.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Signing {
    /// Where the profile lets the app run.
    pub kind: SigningKind,
    /// The profile itself.
    pub profile: ProfileSummary,
    /// Who made the profile.
    pub team: Team,
    /// How many devices the profile reaches.
    pub devices: DeviceReach,
}

/// What is kept of an embedded provisioning profile.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ProfileSummary {
    /// `Name`.
    pub name: String,
    /// `UUID`, as it is written there.
    pub uuid: String,
    /// `ExpirationDate`: from then on the app neither installs nor starts.
    pub expires_at: Timestamp,
}

/// A team of Apple's developer programmes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Team {
    /// `TeamName`.
    pub name: String,
    /// The first of `TeamIdentifier`.
    pub id: TeamId,
}

/// How many devices a profile names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DeviceReach {
    /// So many in `ProvisionedDevices`; 0 for a profile of the App Store.
    Listed(u32),
    /// `ProvisionsAllDevices`.
    Any,
}
