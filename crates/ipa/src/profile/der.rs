use bounded_plist::{Dictionary, Value};
use ring::digest;
use signed_data::SignedData;

use super::Reading;
use crate::{Fact, SignedBy, der_dictionary};

/// The profile once more, in DER with a signature of its own (`DER-Encoded-Profile`; since 2021, observed).
#[derive(Clone, Debug, PartialEq)]
pub struct DerProfile {
    /// Who signed it.
    pub signed_by: Fact<SignedBy>,
    /// The keys of the property list that have another value here, or none. What is here alone is not told.
    pub differing: Vec<String>,
}

impl DerProfile {
    /// Reads it, and compares it with the rest of the property list.
    pub(super) fn read(bytes: &[u8], keys: &Dictionary, reading: &Reading<'_>) -> Fact<Self> {
        let message = match SignedData::read(bytes, &reading.cms) {
            Ok(message) => message,
            Err(error) => {
                return Fact::Unreadable(format!("the signed message around it cannot be read: {error}"));
            }
        };
        let Some(content) = message.content() else {
            return Fact::Unreadable("the signed message around it is empty".to_owned());
        };
        let own = match der_dictionary::read(content, &reading.plist) {
            Ok(own) => own,
            Err(error) => return Fact::Unreadable(error.to_string()),
        };
        let differs = |key: &&str| {
            let here = own.get(key);
            match keys.get(key) {
                Some(certificates) if *key == "DeveloperCertificates" => !are_digests(here, certificates),
                there => here != there,
            }
        };
        Fact::Known(Self {
            signed_by: SignedBy::of(&message, None, reading.authorities),
            differing: keys.keys().filter(differs).map(str::to_owned).collect(),
        })
    }
}

/// Of certificates it holds the SHA-256 digests (observed).
fn are_digests(digests: Option<&Value>, certificates: &Value) -> bool {
    let (Some(digests), Some(certificates)) = (digests.and_then(Value::as_array), certificates.as_array())
    else {
        return false;
    };
    digests.len() == certificates.len()
        && digests.iter().zip(certificates).all(|(found, certificate)| {
            let digest = certificate.as_data().map(|der| digest::digest(&digest::SHA256, der));
            digest.is_some_and(|digest| found.as_data() == Some(digest.as_ref()))
        })
}
