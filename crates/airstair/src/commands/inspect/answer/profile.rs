use bounded_plist::{Dictionary, Value};
use ipa::{Devices, LaunchCheck, ManagedBy, Membership, Profile};
use serde::Serialize;
use signed_data::Certificate;
use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;

use super::super::Detail;
use super::bundle::Gaps;

#[derive(Serialize)]
pub(super) struct ProfileAnswer {
    name: Option<String>,
    uuid: Option<String>,
    /// `development`, `ad-hoc`, `in-house` or `app-store`.
    signing_kind: &'static str,
    /// `listed`, `any` or `none`.
    devices: &'static str,
    device_count: Option<usize>,
    /// With `--devices` alone.
    device_ids: Option<Vec<String>>,
    team_name: Option<String>,
    team_ids: Option<Vec<String>>,
    /// `free` or `paid`.
    membership: &'static str,
    /// `xcode` or `team`.
    managed_by: Option<&'static str>,
    /// Whether the device asks Apple before the first launch.
    launch_check: Option<bool>,
    app_id_name: Option<String>,
    application_identifier: Option<String>,
    prefixes: Option<Vec<String>>,
    platforms: Option<Vec<&'static str>>,
    created_at: Option<String>,
    expires_at: Option<String>,
    certificates: Option<Vec<CertificateAnswer>>,
    entitlements: Option<serde_json::Value>,
}

#[derive(Serialize)]
struct CertificateAnswer {
    common_name: Option<String>,
    organisation: Option<String>,
    organisational_unit: Option<String>,
    not_before: String,
    not_after: String,
    sha256: String,
}

impl ProfileAnswer {
    pub(super) fn new(profile: &Profile, detail: Detail, gaps: &mut Gaps) -> Self {
        let (devices, device_count, device_ids) = match &profile.devices {
            Devices::Listed { udids, odd } => {
                let ids = udids.iter().map(ToString::to_string).chain(odd.iter().cloned());
                ("listed", Some(udids.len() + odd.len()), detail.devices.then(|| ids.collect()))
            }
            Devices::Any => ("any", None, None),
            Devices::None => ("none", None, None),
        };
        Self {
            name: gaps.text("profile.name", &profile.name),
            uuid: gaps.text("profile.uuid", &profile.uuid),
            signing_kind: profile.kind.as_str(),
            devices,
            device_count,
            device_ids,
            team_name: gaps.text("profile.team_name", &profile.team_name),
            team_ids: gaps.list("profile.team_ids", &profile.team_ids, ToString::to_string),
            membership: match profile.membership {
                Membership::Free => "free",
                Membership::Paid => "paid",
            },
            managed_by: gaps.known("profile.managed_by", &profile.managed_by).map(|manager| match manager {
                ManagedBy::Xcode => "xcode",
                ManagedBy::Team => "team",
            }),
            launch_check: gaps
                .known("profile.launch_check", &profile.launch_check)
                .map(|check| *check == LaunchCheck::Demanded),
            app_id_name: gaps.text("profile.app_id_name", &profile.app_id_name),
            application_identifier: profile.application_identifier().map(str::to_owned),
            prefixes: gaps.list("profile.prefixes", &profile.prefixes, Clone::clone),
            platforms: gaps.list("profile.platforms", &profile.platforms, |platform| platform.as_str()),
            created_at: gaps.known("profile.created_at", &profile.created_at).copied().map(moment),
            expires_at: gaps.known("profile.expires_at", &profile.expires_at).copied().map(moment),
            certificates: certificates(profile, gaps),
            entitlements: gaps.known("profile.entitlements", &profile.entitlements).map(object),
        }
    }
}

/// Those that can be read.
fn certificates(profile: &Profile, gaps: &mut Gaps) -> Option<Vec<CertificateAnswer>> {
    let certificates = gaps.known("profile.certificates", &profile.certificates)?;
    let answers = certificates.iter().enumerate().filter_map(|(place, certificate)| {
        gaps.known(&format!("profile.certificates.{place}"), certificate).map(CertificateAnswer::new)
    });
    Some(answers.collect())
}

impl CertificateAnswer {
    fn new(certificate: &Certificate) -> Self {
        let subject = certificate.subject();
        Self {
            common_name: subject.common_name().map(str::to_owned),
            organisation: subject.organization().map(str::to_owned),
            organisational_unit: subject.organizational_unit().map(str::to_owned),
            not_before: moment(certificate.not_before()),
            not_after: moment(certificate.not_after()),
            sha256: hexadecimal(&certificate.sha256()),
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut digits, byte| {
        for half in [byte >> 4, byte & 0xf] {
            digits.extend(char::from_digit(half.into(), 16));
        }
        digits
    })
}

/// `2026-11-21T09:59:25Z`.
fn moment(moment: UtcDateTime) -> String {
    moment.format(&Rfc3339).unwrap_or_else(|_| moment.to_string())
}

/// A property list as JSON: dates as text, data in hexadecimal digits, numbers beyond 64 bits as text.
pub(in super::super) fn object(dictionary: &Dictionary) -> serde_json::Value {
    dictionary
        .iter()
        .map(|(key, value)| (key.to_owned(), json(value)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Array(values) => values.iter().map(json).collect(),
        Value::Boolean(value) => (*value).into(),
        Value::Data(bytes) => hexadecimal(bytes).into(),
        Value::Date(date) => moment(*date).into(),
        Value::Dictionary(dictionary) => object(dictionary),
        Value::Integer(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => number.into(),
            (None, Some(number)) => number.into(),
            (None, None) => number.to_string().into(),
        },
        Value::Real(number) => (*number).into(),
        Value::String(text) => text.as_str().into(),
        Value::Uid(id) => (*id).into(),
    }
}
