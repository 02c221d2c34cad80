//! Provisioning profiles: a property list about team, app, devices and rights, signed as CMS.
//!
//! Keys after Apple's TN3125, checked against real profiles.
//!
//! ```
//! use testkit::profile::{Profile, SigningKind};
//! use time::macros::utc_datetime;
//!
//! let now = utc_datetime!(2026-06-01 0:00);
//! let signed = Profile::new(SigningKind::AdHoc, "com.example.notes", now)
//!     .devices(["00008110-000A1234567890AB"])
//!     .build();
//! let expired = Profile::new(SigningKind::InHouse, "*", now).expires_at(utc_datetime!(2026-05-31 0:00)).build();
//! # assert_ne!(signed, expired);
//! ```

use time::{Duration, UtcDateTime};

use crate::cms::{Encoding, SignedData, Signer};
use crate::codesign::der_dictionary;
use crate::pki::{Certificate, Chain, Digest, LeafKind};
use crate::plist::{Dictionary, Format, GetTaskAllow, Value, date, encode, entitlements, texts};

/// How an app is signed, hence where it may run.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum SigningKind {
    /// Listed devices, debuggable.
    Development,
    /// Listed devices.
    #[default]
    AdHoc,
    /// Any device (`ProvisionsAllDevices`).
    InHouse,
    /// None until Apple signs it again.
    AppStore,
}

impl SigningKind {
    /// Every kind there is.
    pub const ALL: [Self; 4] = [Self::Development, Self::AdHoc, Self::InHouse, Self::AppStore];

    /// The certificate that goes with it.
    #[must_use]
    pub fn leaf(self) -> LeafKind {
        match self {
            Self::Development => LeafKind::Development,
            Self::AdHoc | Self::AppStore => LeafKind::Distribution,
            Self::InHouse => LeafKind::InHouse,
        }
    }

    /// Whether debuggers may attach.
    #[must_use]
    pub fn get_task_allow(self) -> GetTaskAllow {
        if self == Self::Development { GetTaskAllow::Yes } else { GetTaskAllow::No }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Development => "Development",
            Self::AdHoc => "Ad Hoc",
            Self::InHouse => "In-House",
            Self::AppStore => "App Store",
        }
    }
}

/// The team every builder speaks of unless told another.
pub const TEAM: &str = "A1B2C3D4E5";

/// Devices that exist nowhere, one of each form; what a profile lists unless told otherwise.
pub const DEVICES: [&str; 2] = ["00008110-000A1234567890AB", "0123456789abcdef0123456789abcdef01234567"];

/// A provisioning profile to be written.
#[derive(Clone)]
#[must_use]
pub struct Profile {
    kind: SigningKind,
    identifier: String,
    team: String,
    now: UtcDateTime,
    created_at: UtcDateTime,
    expires_at: UtcDateTime,
    devices: Vec<String>,
    certificates: Option<Vec<Vec<u8>>>,
    chain: Option<Chain>,
    signers: Option<Chain>,
    digest: Digest,
    encoding: Encoding,
    format: Format,
    entitlements: Dictionary,
    changes: Vec<(String, Option<Value>)>,
    /// What is other in the DER form, if there is one.
    der: Option<Vec<(String, Option<Value>)>>,
}

impl Profile {
    /// A profile of `kind` for the app `identifier` (a bundle identifier, `com.example.*` or `*`), created 30 days
    /// before `now` and good for 335 more.
    pub fn new(kind: SigningKind, identifier: &str, now: UtcDateTime) -> Self {
        Self {
            kind,
            identifier: identifier.to_owned(),
            team: TEAM.to_owned(),
            now,
            created_at: now - Duration::days(30),
            expires_at: now + Duration::days(335),
            devices: DEVICES.map(str::to_owned).to_vec(),
            certificates: None,
            chain: None,
            signers: None,
            digest: Digest::Sha256,
            encoding: Encoding::Der,
            format: Format::Xml,
            entitlements: Dictionary::new(),
            changes: Vec::new(),
            der: None,
        }
    }

    /// The team's identifier, ten letters and digits.
    pub fn team(mut self, team: &str) -> Self {
        team.clone_into(&mut self.team);
        self
    }

    /// The devices; only development and ad hoc profiles list them.
    pub fn devices<T: Into<String>>(mut self, devices: impl IntoIterator<Item = T>) -> Self {
        self.devices = devices.into_iter().map(Into::into).collect();
        self
    }

    /// When it was made.
    pub fn created_at(mut self, at: UtcDateTime) -> Self {
        self.created_at = at;
        self
    }

    /// When it runs out.
    pub fn expires_at(mut self, at: UtcDateTime) -> Self {
        self.expires_at = at;
        self
    }

    /// Lists these certificates in place of the chain's leaf.
    pub fn certificates<'a>(mut self, certificates: impl IntoIterator<Item = &'a Certificate>) -> Self {
        self.certificates =
            Some(certificates.into_iter().map(|certificate| certificate.der.clone()).collect());
        self
    }

    /// The chain it is signed by, whose leaf it lists; else a sound one for team and kind.
    pub fn chain(mut self, chain: &Chain) -> Self {
        self.chain = Some(chain.clone());
        self
    }

    /// The chain it is signed by, while it lists what it would list without.
    pub fn signed_by(mut self, chain: &Chain) -> Self {
        self.signers = Some(chain.clone());
        self
    }

    /// The digest of its signature.
    pub fn digest(mut self, digest: Digest) -> Self {
        self.digest = digest;
        self
    }

    /// The encoding rules of its CMS.
    pub fn encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// How the list inside is written; Apple writes XML.
    pub fn format(mut self, format: Format) -> Self {
        self.format = format;
        self
    }

    /// The platforms, `iOS`, `xrOS` and `visionOS` unless told otherwise.
    pub fn platforms<T: Into<String>>(self, platforms: impl IntoIterator<Item = T>) -> Self {
        let platforms = texts(platforms);
        self.set("Platform", platforms)
    }

    /// Its name, as Xcode and Settings show it.
    pub fn name(self, name: &str) -> Self {
        self.set("Name", name)
    }

    /// Allows one more entitlement, or another value for one.
    pub fn entitlement(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.entitlements.insert(key.to_owned(), value.into());
        self
    }

    /// From a free team: `LocalProvision`, seven days.
    pub fn free_team(mut self) -> Self {
        self.created_at = self.now - Duration::days(1);
        self.expires_at = self.now + Duration::days(6);
        self.set("LocalProvision", true).set("TimeToLive", 7)
    }

    /// Sets any key of the list.
    pub fn set(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.changes.push((key.to_owned(), Some(value.into())));
        self
    }

    /// Leaves a key out.
    pub fn without(mut self, key: &str) -> Self {
        self.changes.push((key.to_owned(), None));
        self
    }

    /// Adds the same once more as signed DER (`DER-Encoded-Profile`), as Apple does since 2021.
    pub fn with_der(mut self) -> Self {
        self.der.get_or_insert_default();
        self
    }

    /// Adds the DER form, in which this key has another value.
    pub fn with_der_set(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.der.get_or_insert_default().push((key.to_owned(), Some(value.into())));
        self
    }

    /// Adds the DER form, in which this key is left out.
    pub fn with_der_without(mut self, key: &str) -> Self {
        self.der.get_or_insert_default().push((key.to_owned(), None));
        self
    }

    /// The list inside.
    #[must_use]
    pub fn payload(&self) -> Dictionary {
        let mut allowed = entitlements(&self.team, &self.identifier, self.kind.get_task_allow());
        if self.kind == SigningKind::AppStore {
            allowed.insert("beta-reports-active".to_owned(), true.into());
        }
        for (key, value) in &self.entitlements {
            allowed.insert(key.clone(), value.clone());
        }
        let certificates =
            self.certificates.clone().unwrap_or_else(|| vec![self.signing_chain().leaf.certificate.der]);
        let certificates = certificates.into_iter().map(Value::Data).collect();
        let days = (self.expires_at - self.created_at).whole_days();
        let mut list = Dictionary::new();
        let mut put = |key: &str, value: Value| list.insert(key.to_owned(), value);
        put("AppIDName", "Notes".into());
        put("ApplicationIdentifierPrefix", texts([self.team.as_str()]));
        put("CreationDate", date(self.created_at));
        put("Platform", texts(["iOS", "xrOS", "visionOS"]));
        put("IsXcodeManaged", false.into());
        put("DeveloperCertificates", Value::Array(certificates));
        put("Entitlements", Value::Dictionary(allowed));
        put("ExpirationDate", date(self.expires_at));
        put("Name", format!("{} {}", self.identifier, self.kind.label()).into());
        match self.kind {
            SigningKind::Development | SigningKind::AdHoc => {
                put("ProvisionedDevices", texts(self.devices.clone()));
            }
            SigningKind::InHouse => {
                put("ProvisionsAllDevices", true.into());
            }
            SigningKind::AppStore => {}
        }
        put("TeamIdentifier", texts([self.team.as_str()]));
        put("TeamName", Chain::ORGANIZATION.into());
        put("TimeToLive", days.into());
        put("UUID", self.uuid().into());
        put("Version", 1.into());
        apply(&self.changes, &mut list);
        if let Some(changes) = &self.der {
            let der = self.der_form(list.clone(), changes);
            list.insert("DER-Encoded-Profile".to_owned(), Value::Data(der));
        }
        list
    }

    /// The DER form: digests in the place of certificates, and a kind of distribution that the list has not.
    fn der_form(&self, mut list: Dictionary, changes: &[(String, Option<Value>)]) -> Vec<u8> {
        if let Some(Value::Array(certificates)) = list.get_mut("DeveloperCertificates") {
            for certificate in certificates {
                if let Value::Data(der) = certificate {
                    *der = Digest::Sha256.of(der);
                }
            }
        }
        list.insert("ProfileDistributionType".to_owned(), "LIMITED".into());
        apply(changes, &mut list);
        let chain = self.signers();
        SignedData::new(der_dictionary(&list))
            .certificate(&chain.root.certificate)
            .certificate(&chain.intermediate.certificate)
            .certificate(&chain.profile_signer.certificate)
            .signer(Signer::new(&chain.profile_signer).signed_at(self.created_at))
            .build()
    }

    /// The list alone, without a signature around it: what some tools hand out, and no device accepts.
    #[must_use]
    pub fn bare(&self) -> Vec<u8> {
        encode(&Value::Dictionary(self.payload()), self.format)
    }

    /// The signed profile, as in `embedded.mobileprovision`.
    #[must_use]
    pub fn build(&self) -> Vec<u8> {
        self.signed(Fault::None)
    }

    /// Signed, then changed: one year more, in the list alone.
    #[must_use]
    pub fn tampered(&self) -> Vec<u8> {
        self.signed(Fault::Tampered)
    }

    /// CMS without any signer.
    #[must_use]
    pub fn unsigned(&self) -> Vec<u8> {
        self.signed(Fault::Unsigned)
    }

    /// Signed with a bit flipped in the signature.
    #[must_use]
    pub fn with_broken_signature(&self) -> Vec<u8> {
        self.signed(Fault::BrokenSignature)
    }

    fn signed(&self, fault: Fault) -> Vec<u8> {
        let chain = self.signers();
        let mut message = SignedData::new(self.bare())
            .certificate(&chain.root.certificate)
            .certificate(&chain.intermediate.certificate)
            .certificate(&chain.profile_signer.certificate)
            .encoding(self.encoding);
        let signer = Signer::new(&chain.profile_signer).digest(self.digest).signed_at(self.created_at);
        match fault {
            Fault::None => message = message.signer(signer),
            Fault::BrokenSignature => message = message.signer(signer.with_broken_signature()),
            Fault::Unsigned => {}
            Fault::Tampered => {
                let later = self.clone().expires_at(self.expires_at + Duration::days(365)).bare();
                message = message.signer(signer).carrying_instead(later);
            }
        }
        message.build()
    }

    fn signers(&self) -> Chain {
        self.signers.clone().unwrap_or_else(|| self.signing_chain())
    }

    fn signing_chain(&self) -> Chain {
        self.chain.clone().unwrap_or_else(|| Chain::new(&self.team, self.kind.leaf(), self.now))
    }

    /// Follows from what the profile is for.
    fn uuid(&self) -> String {
        let seed = format!("{:?} {} {} {}", self.kind, self.team, self.identifier, self.created_at);
        let digest = Digest::Sha1.of(seed.as_bytes());
        let number = digest[..16].iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
        let hex = format!("{number:032x}");
        format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
    }
}

fn apply(changes: &[(String, Option<Value>)], list: &mut Dictionary) {
    for (key, change) in changes {
        match change {
            Some(value) => list.insert(key.clone(), value.clone()),
            None => list.remove(key),
        };
    }
}

#[derive(Clone, Copy)]
enum Fault {
    None,
    Tampered,
    Unsigned,
    BrokenSignature,
}
