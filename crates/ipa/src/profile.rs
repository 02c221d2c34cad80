//! `embedded.mobileprovision`: what Apple lets an app do, and where.

mod der;
mod devices;

use bounded_plist::{Dictionary, Format, Integer, Value};
use signed_data::{Authorities, Certificate, SignedData, SignedDataError};
use time::UtcDateTime;

pub use der::DerProfile;
pub use devices::Devices;

use crate::{Fact, Limits, Platform, SignedBy, SigningKind, TeamId};

/// The longest text that is kept of a key, in bytes of UTF-8.
const TEXT_LIMIT_BYTES: usize = 1024;

/// A provisioning profile. Nothing in it is to be believed unless [`signed_by`](Self::signed_by) holds.
///
/// Each key is a fact of its own: one of a wrong type is [`Fact::Unreadable`] and leaves the others as they are.
/// Source: Apple, TN3125, unless said otherwise.
///
/// ```
/// use ipa::{Devices, Envelope, Limits, Profile, SigningKind};
/// use testkit::profile;
/// use time::macros::utc_datetime;
///
/// let now = utc_datetime!(2026-06-01 0:00);
/// let bytes = profile::Profile::new(profile::SigningKind::InHouse, "com.example.notes", now).build();
/// let profile = Profile::read(&bytes, &Limits::default())?;
/// assert_eq!(profile.kind, SigningKind::InHouse);
/// assert_eq!(profile.devices, Devices::Any);
/// assert!(profile.expires_at.known().is_some_and(|end| now < *end));
/// assert!(matches!(profile.envelope, Envelope::Signed(_)));
/// # Ok::<(), ipa::ProfileError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Whether Apple's signature is around it.
    pub envelope: Envelope,
    /// Who signed it; absent of one that is bare or has no signature.
    pub signed_by: Fact<SignedBy>,
    /// How the property list inside is written; Apple writes XML.
    pub format: Format,
    /// What the profile allows, following from the keys below.
    pub kind: SigningKind,
    /// The devices it is for (`ProvisionsAllDevices`, `ProvisionedDevices`).
    pub devices: Devices,
    /// `Name`: as Xcode shows it.
    pub name: Fact<String>,
    /// `UUID`: changes with every edition of the profile.
    pub uuid: Fact<String>,
    /// `AppIDName`: what the developer calls the app's identifier.
    pub app_id_name: Fact<String>,
    /// `ApplicationIdentifierPrefix`: the first is what the app's identifier begins with; mostly the team's identifier.
    pub prefixes: Fact<Vec<String>>,
    /// `TeamName`.
    pub team_name: Fact<String>,
    /// `TeamIdentifier`.
    pub team_ids: Fact<Vec<TeamId>>,
    /// Which program the team is in, as far as the profile says.
    pub membership: Membership,
    /// `Platform`, each once; unknown ones are left out.
    pub platforms: Fact<Vec<Platform>>,
    /// `CreationDate`.
    pub created_at: Fact<UtcDateTime>,
    /// `ExpirationDate`.
    pub expires_at: Fact<UtcDateTime>,
    /// `TimeToLive`: days from creation to expiry, rounded down.
    pub time_to_live_days: Fact<u64>,
    /// `Version` of the format: 1 (observed).
    pub version: Fact<u64>,
    /// `IsXcodeManaged`; absent from profiles of 2016 and older (observed).
    pub managed_by: Fact<ManagedBy>,
    /// `PPQCheck`.
    pub launch_check: Fact<LaunchCheck>,
    /// `DeveloperCertificates`: whose signatures the profile allows. One that makes no sense leaves the others readable.
    pub certificates: Fact<Vec<Fact<Certificate>>>,
    /// `Entitlements`: what a signature may claim at most.
    pub entitlements: Fact<Dictionary>,
    /// `DER-Encoded-Profile`: the same once more as signed DER, which newer systems read instead.
    pub der: Fact<DerProfile>,
}

/// What a profile's property list comes in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Envelope {
    /// CMS, as Apple hands it out.
    Signed(SignedData),
    /// Nothing: the property list alone, as some tools leave behind. No device accepts it (assumed).
    Bare,
}

/// What reading a profile may cost, and whose signature counts.
struct Reading<'a> {
    cms: signed_data::Limits,
    plist: bounded_plist::Limits,
    authorities: &'a Authorities,
}

/// Which of Apple's programs a team is in.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Membership {
    /// None: a free team, whose profiles last 7 days and can't be distributed (`LocalProvision` is true).
    Free,
    /// The Developer Program or the Enterprise Program; the profile says nothing else.
    Paid,
}

/// Who looks after a profile.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ManagedBy {
    /// Xcode made it and renews it.
    Xcode,
    /// A person or a tool made it on the developer site.
    Team,
}

/// Whether a device has to ask Apple's `ppq.apple.com` before it launches the app for the first time.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum LaunchCheck {
    /// It has to.
    Demanded,
    /// It does not, unless the profile is an in-house one.
    NotDemanded,
}

/// Why bytes are no provisioning profile. The text tells the cause too, being all that [`Fact::Unreadable`] keeps.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// They begin neither like a signed message nor like a property list.
    #[error("neither a signed message nor a property list")]
    Format,
    /// They begin like a signed message that cannot be read.
    #[error("the signed message around it cannot be read: {0}")]
    Envelope(SignedDataError),
    /// The signed message carries no content.
    #[error("the signed message around it is empty")]
    Detached,
    /// The property list cannot be read.
    #[error("its property list cannot be read: {0}")]
    Plist(bounded_plist::ReadError),
    /// The property list's outermost value is something else than a dictionary.
    #[error("it holds {found} where a dictionary belongs")]
    Kind {
        /// What it is.
        found: &'static str,
    },
    /// The dictionary has none of the keys that make a profile.
    #[error("a dictionary without {expected}")]
    Foreign {
        /// The keys looked for.
        expected: &'static str,
    },
}

impl Profile {
    /// Reads the bytes of a profile, signed (DER or BER) or bare, XML or binary; its signer is sought below Apple's
    /// roots.
    ///
    /// Of `limits` it heeds `profile_bytes`, `cms` and `plist`.
    ///
    /// # Errors
    ///
    /// [`ProfileError`] when there is no such dictionary, or it goes beyond a limit.
    pub fn read(bytes: &[u8], limits: &Limits) -> Result<Self, ProfileError> {
        Self::read_below(bytes, limits, Authorities::apple())
    }

    /// As [`read`](Self::read), with other roots.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn read_below(
        bytes: &[u8],
        limits: &Limits,
        authorities: &Authorities,
    ) -> Result<Self, ProfileError> {
        let profile_bytes = usize::try_from(limits.profile_bytes).unwrap_or(usize::MAX);
        let cms =
            signed_data::Limits { input_bytes: limits.cms.input_bytes.min(profile_bytes), ..limits.cms };
        let plist = bounded_plist::Limits {
            input_bytes: limits.plist.input_bytes.min(profile_bytes),
            ..limits.plist
        };
        let reading = Reading { cms, plist, authorities };
        if bytes.first() == Some(&0x30) {
            let message = SignedData::read(bytes, &reading.cms).map_err(ProfileError::Envelope)?;
            let content = message.content().ok_or(ProfileError::Detached)?;
            let (format, keys) = dictionary(content, &reading.plist)?;
            Self::from_keys(keys, format, Envelope::Signed(message), &reading)
        } else {
            let (format, keys) = dictionary(bytes, &reading.plist)?;
            Self::from_keys(keys, format, Envelope::Bare, &reading)
        }
    }

    fn from_keys(
        mut keys: Dictionary,
        format: Format,
        envelope: Envelope,
        reading: &Reading<'_>,
    ) -> Result<Self, ProfileError> {
        if !["ExpirationDate", "Entitlements", "DeveloperCertificates"]
            .iter()
            .any(|key| keys.contains_key(key))
        {
            return Err(ProfileError::Foreign {
                expected: "ExpirationDate, Entitlements or DeveloperCertificates",
            });
        }
        let signed_by = match &envelope {
            Envelope::Signed(message) => SignedBy::of(message, None, reading.authorities),
            Envelope::Bare => Fact::Absent,
        };
        let der = take(&mut keys, "DER-Encoded-Profile", "data", Value::into_data)
            .and_then(|bytes| DerProfile::read(&bytes, &keys, reading));
        let devices = Devices::of(&keys);
        let truth = |key| fact(&keys, key, "a truth value", Value::as_bool);
        let number = |key| fact(&keys, key, "a number", |value| value.as_integer().and_then(Integer::as_u64));
        let date = |key| fact(&keys, key, "a date", Value::as_date);
        Ok(Self {
            signed_by,
            der,
            envelope,
            format,
            kind: kind(&keys, &devices),
            devices,
            name: text(&keys, "Name"),
            uuid: text(&keys, "UUID"),
            app_id_name: text(&keys, "AppIDName"),
            prefixes: texts(&keys, "ApplicationIdentifierPrefix"),
            team_name: text(&keys, "TeamName"),
            team_ids: texts(&keys, "TeamIdentifier")
                .and_then(|ids| ids.iter().map(|id| TeamId::parse(id)).collect::<Result<_, _>>().into()),
            membership: if is_true(&keys, "LocalProvision") { Membership::Free } else { Membership::Paid },
            platforms: texts(&keys, "Platform").and_then(|names| platforms(&names)),
            created_at: date("CreationDate"),
            expires_at: date("ExpirationDate"),
            time_to_live_days: number("TimeToLive"),
            version: number("Version"),
            managed_by: truth("IsXcodeManaged")
                .map(|xcode| if xcode { ManagedBy::Xcode } else { ManagedBy::Team }),
            launch_check: truth("PPQCheck")
                .map(|demanded| if demanded { LaunchCheck::Demanded } else { LaunchCheck::NotDemanded }),
            certificates: fact(&keys, "DeveloperCertificates", "an array", Value::as_array)
                .and_then(|values| certificates(values, &reading.cms)),
            entitlements: take(&mut keys, "Entitlements", "a dictionary", Value::into_dictionary),
        })
    }

    /// The certificates that could be read.
    pub fn readable_certificates(&self) -> impl Iterator<Item = &Certificate> {
        self.certificates.known().into_iter().flatten().filter_map(Fact::known)
    }

    /// The entitlement `key`, if the profile allows it.
    #[must_use]
    pub fn entitlement(&self, key: &str) -> Option<&Value> {
        self.entitlements.known()?.get(key)
    }

    /// The apps it is for: a prefix and a bundle identifier, such as `A1B2C3D4E5.com.example.notes`; or one with `*` in
    /// the place of its end, such as `A1B2C3D4E5.*`.
    ///
    /// Taken from the entitlement `application-identifier`, or `com.apple.application-identifier` of a Mac's profile.
    #[must_use]
    pub fn application_identifier(&self) -> Option<&str> {
        let value = self
            .entitlement("application-identifier")
            .or_else(|| self.entitlement("com.apple.application-identifier"));
        value.and_then(Value::as_str)
    }
}

fn dictionary(bytes: &[u8], limits: &bounded_plist::Limits) -> Result<(Format, Dictionary), ProfileError> {
    let format = Format::of(bytes).ok_or(ProfileError::Format)?;
    let value = bounded_plist::read(bytes, limits).map_err(ProfileError::Plist)?;
    let kind = value.kind();
    match value.into_dictionary() {
        Ok(keys) => Ok((format, keys)),
        Err(_) => Err(ProfileError::Kind { found: kind.as_str() }),
    }
}

/// In the order of TN3125: what is said of all devices counts first.
fn kind(keys: &Dictionary, devices: &Devices) -> SigningKind {
    let debuggable =
        keys.get("Entitlements").and_then(|allowed| allowed.get("get-task-allow")).and_then(Value::as_bool);
    match devices {
        Devices::Any => SigningKind::InHouse,
        Devices::Listed { .. } if debuggable == Some(true) => SigningKind::Development,
        Devices::Listed { .. } => SigningKind::AdHoc,
        Devices::None => SigningKind::AppStore,
    }
}

fn certificates(values: &[Value], limits: &signed_data::Limits) -> Fact<Vec<Fact<Certificate>>> {
    if values.len() > limits.certificates {
        let (found, limit) = (values.len(), limits.certificates);
        return Fact::Unreadable(format!("it holds {found} certificates, {limit} are the most"));
    }
    let certificate = |value: &Value| match value.as_data() {
        Some(der) => Certificate::read(der, limits).into(),
        None => Fact::Unreadable(wrong_kind(value, "data")),
    };
    Fact::Known(values.iter().map(certificate).collect())
}

fn platforms(names: &[String]) -> Fact<Vec<Platform>> {
    let (mut platforms, mut unknown) = (Vec::new(), None);
    for name in names {
        match name.parse::<Platform>() {
            Ok(platform) if !platforms.contains(&platform) => platforms.push(platform),
            Ok(_) => {}
            Err(error) => unknown = Some(error),
        }
    }
    match unknown {
        Some(error) if platforms.is_empty() => Fact::Unreadable(error.to_string()),
        _ => Fact::Known(platforms),
    }
}

/// What `view` makes of the value under `key`, which ought to be `expected`.
fn fact<'a, T>(
    keys: &'a Dictionary,
    key: &str,
    expected: &str,
    view: impl FnOnce(&'a Value) -> Option<T>,
) -> Fact<T> {
    let Some(value) = keys.get(key) else { return Fact::Absent };
    view(value).map_or_else(|| Fact::Unreadable(wrong_kind(value, expected)), Fact::Known)
}

/// The value under `key` itself, without a copy.
fn take<T>(
    keys: &mut Dictionary,
    key: &str,
    expected: &str,
    into: impl FnOnce(Value) -> Result<T, Value>,
) -> Fact<T> {
    let Some(value) = keys.remove(key) else { return Fact::Absent };
    into(value).map_or_else(|value| Fact::Unreadable(wrong_kind(&value, expected)), Fact::Known)
}

fn wrong_kind(value: &Value, expected: &str) -> String {
    format!("it is {}, expected {expected}", value.kind())
}

fn text(keys: &Dictionary, key: &str) -> Fact<String> {
    fact(keys, key, "text", Value::as_str).and_then(|text| match text.len() {
        ..=TEXT_LIMIT_BYTES => Fact::Known(text.to_owned()),
        found => Fact::Unreadable(format!("it is {found} bytes long, {TEXT_LIMIT_BYTES} bytes are the most")),
    })
}

/// The texts of an array; what else is in it makes all of it unreadable.
fn texts(keys: &Dictionary, key: &str) -> Fact<Vec<String>> {
    fact(keys, key, "an array of texts", |value| {
        value.as_array()?.iter().map(|text| text.as_str().map(str::to_owned)).collect()
    })
}

fn is_true(keys: &Dictionary, key: &str) -> bool {
    keys.get(key).and_then(Value::as_bool) == Some(true)
}
