use bounded_plist::{Dictionary, Value, write_xml};
use uuid::Uuid;

use crate::Fingerprint;

/// A configuration profile that brings one root certificate (payload type `com.apple.security.root`).
///
/// Source: Apple, *Device Management*, `CertificateRoot` and `TopLevel`. Identifiers come from the fingerprint, so the
/// same root is always the same profile, and two roots never replace one another.
pub(super) fn write(root_der: &[u8]) -> Vec<u8> {
    let fingerprint = Fingerprint::of(root_der);
    let (front, back) = fingerprint.as_bytes().split_at(16);
    let short: String = fingerprint.to_string().split(' ').take(8).collect::<String>().to_lowercase();
    let identifier = format!("org.airstair.local-ca.{short}");
    let certificate = Dictionary::from([
        ("PayloadCertificateFileName", Value::from("airstair-root.cer")),
        ("PayloadContent", root_der.into()),
        ("PayloadDescription", "The root certificate of an Airstair server.".into()),
        ("PayloadDisplayName", "Airstair root certificate".into()),
        ("PayloadIdentifier", format!("{identifier}.root").into()),
        ("PayloadType", "com.apple.security.root".into()),
        ("PayloadUUID", uuid(back).into()),
        ("PayloadVersion", 1.into()),
    ]);
    let profile = Dictionary::from([
        ("PayloadContent", Value::Array(vec![certificate.into()])),
        (
            "PayloadDescription",
            "Lets this device connect to an Airstair server on your own network. After installing it, switch the \
             certificate on in Settings, General, About, Certificate Trust Settings."
                .into(),
        ),
        ("PayloadDisplayName", "Airstair server".into()),
        ("PayloadIdentifier", identifier.into()),
        ("PayloadRemovalDisallowed", false.into()),
        ("PayloadType", "Configuration".into()),
        ("PayloadUUID", uuid(front).into()),
        ("PayloadVersion", 1.into()),
    ]);
    write_xml(&profile.into())
}

/// A UUID of version 8 (RFC 9562: any bytes of one's own), in capitals as Apple writes them.
fn uuid(half: &[u8]) -> String {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(half);
    Uuid::new_v8(bytes).hyphenated().encode_upper(&mut Uuid::encode_buffer()).to_owned()
}

#[cfg(test)]
mod tests {
    use bounded_plist::{Limits, read};

    use super::*;

    #[test]
    fn a_profile_brings_the_root_under_identifiers_of_its_own() {
        let profile = read(&write(b"root one"), &Limits::default()).unwrap();
        let payload = &profile.get("PayloadContent").unwrap().as_array().unwrap()[0];
        assert_eq!(payload.get("PayloadType").unwrap().as_str(), Some("com.apple.security.root"));
        assert_eq!(payload.get("PayloadContent").unwrap().as_data(), Some(&b"root one"[..]));
        let mut seen = Vec::new();
        let other = read(&write(b"root two"), &Limits::default()).unwrap();
        for value in [&profile, &other, payload] {
            for key in ["PayloadUUID", "PayloadIdentifier"] {
                let text = value.get(key).unwrap().as_str().unwrap();
                assert!(!seen.contains(&text), "{key} {text} is used twice");
                seen.push(text);
            }
            let uuid = value.get("PayloadUUID").unwrap().as_str().unwrap();
            assert_eq!(Uuid::parse_str(uuid).unwrap().get_version_num(), 8, "{uuid}");
            assert_eq!(uuid, uuid.to_uppercase());
        }
        assert_eq!(write(b"root one"), write(b"root one"), "the same root is the same profile");
    }
}
