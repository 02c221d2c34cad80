//! X.509 certificates (RFC 5280), with any dates, names and extensions.

use std::net::IpAddr;

use time::{Duration, UtcDateTime};

use super::key::{Digest, Key};
use crate::der;

/// A certificate as bytes, and the parts others refer to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Certificate {
    /// The whole certificate, DER.
    pub der: Vec<u8>,
    /// Its subject, DER.
    pub subject: Vec<u8>,
    /// Its issuer, DER.
    pub issuer: Vec<u8>,
    /// Its serial number, big-endian, without a sign.
    pub serial: Vec<u8>,
    /// SHA-1 of its public key: the subject key identifier (RFC 5280 4.2.1.2, method 1).
    pub key_id: Vec<u8>,
}

impl Certificate {
    /// The certificate in PEM.
    #[must_use]
    pub fn pem(&self) -> String {
        pem("CERTIFICATE", &self.der)
    }
}

/// A certificate with its private key.
#[derive(Clone)]
pub struct Identity {
    /// The certificate.
    pub certificate: Certificate,
    /// Its key.
    pub key: Key,
}

/// A distinguished name, its parts in the order given.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[must_use]
pub struct Name(Vec<(&'static str, String)>);

impl Name {
    /// A name with nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// `UID`, which Apple fills with the team or the person.
    pub fn user_id(self, text: impl Into<String>) -> Self {
        self.part("0.9.2342.19200300.100.1.1", text)
    }

    /// `CN`.
    pub fn common_name(self, text: impl Into<String>) -> Self {
        self.part("2.5.4.3", text)
    }

    /// `OU`, which Apple fills with the team.
    pub fn organizational_unit(self, text: impl Into<String>) -> Self {
        self.part("2.5.4.11", text)
    }

    /// `O`.
    pub fn organization(self, text: impl Into<String>) -> Self {
        self.part("2.5.4.10", text)
    }

    /// `C`, two letters.
    pub fn country(self, text: impl Into<String>) -> Self {
        self.part("2.5.4.6", text)
    }

    fn part(mut self, oid: &'static str, text: impl Into<String>) -> Self {
        self.0.push((oid, text.into()));
        self
    }

    fn der(&self) -> Vec<u8> {
        let parts: Vec<_> = self
            .0
            .iter()
            .map(|(oid, text)| {
                // A country is a PrintableString (RFC 5280 A.1).
                let text = if *oid == "2.5.4.6" { der::tlv(0x13, text.as_bytes()) } else { der::utf8(text) };
                der::set_of(&[der::sequence(&[&der::oid(oid), &text])])
            })
            .collect();
        der::tlv(0x30, &parts.concat())
    }
}

/// A certificate to be issued.
#[derive(Clone)]
#[must_use]
pub struct CertificateBuilder {
    subject: Name,
    serial: Option<Vec<u8>>,
    not_before: UtcDateTime,
    not_after: UtcDateTime,
    digest: Digest,
    extensions: Vec<Vec<u8>>,
    public_key_info: Option<Vec<u8>>,
}

impl CertificateBuilder {
    /// A certificate for `subject`, valid for a year from `not_before`, with no extensions but the key identifiers.
    pub fn new(subject: Name, not_before: UtcDateTime) -> Self {
        Self {
            subject,
            serial: None,
            not_before,
            not_after: not_before + Duration::days(365),
            digest: Digest::Sha256,
            extensions: Vec::new(),
            public_key_info: None,
        }
    }

    /// The first moment it is valid at.
    pub fn not_before(mut self, not_before: UtcDateTime) -> Self {
        self.not_before = not_before;
        self
    }

    /// The last moment it is valid at.
    pub fn not_after(mut self, not_after: UtcDateTime) -> Self {
        self.not_after = not_after;
        self
    }

    /// The serial number, big-endian; else it follows from subject, key and dates.
    pub fn serial(mut self, serial: impl Into<Vec<u8>>) -> Self {
        self.serial = Some(serial.into());
        self
    }

    /// The digest its issuer signs.
    pub fn digest(mut self, digest: Digest) -> Self {
        self.digest = digest;
        self
    }

    /// Says that it is for this key (`SubjectPublicKeyInfo`, DER), whichever it is issued for.
    pub fn claimed_key(mut self, public_key_info: impl Into<Vec<u8>>) -> Self {
        self.public_key_info = Some(public_key_info.into());
        self
    }

    /// May sign certificates: basic constraints and key usage of an authority.
    pub fn authority(self) -> Self {
        self.critical("2.5.29.19", &der::sequence(&[&der::boolean_true()]))
            // keyCertSign and cRLSign: bits 5 and 6, one unused bit after them.
            .critical("2.5.29.15", &der::tlv(0x03, &[1, 0b0000_0110]))
    }

    /// Signs data only: basic constraints and key usage of a leaf.
    pub fn end_entity(self) -> Self {
        self.critical("2.5.29.19", &der::sequence(&[]))
            // digitalSignature: bit 0, seven unused bits.
            .critical("2.5.29.15", &der::tlv(0x03, &[7, 0b1000_0000]))
    }

    /// Extended key usage `codeSigning`.
    pub fn code_signing(self) -> Self {
        self.critical("2.5.29.37", &der::sequence(&[&der::oid("1.3.6.1.5.5.7.3.3")]))
    }

    /// Extended key usage `serverAuth`, as web servers have it.
    pub fn server_authentication(self) -> Self {
        self.extension("2.5.29.37", &der::sequence(&[&der::oid("1.3.6.1.5.5.7.3.1")]))
    }

    /// The names and addresses of a server (RFC 5280 4.2.1.6).
    pub fn alternative_names(self, names: &[&str], addresses: &[IpAddr]) -> Self {
        let names = names.iter().map(|name| der::tlv(0x82, name.as_bytes()));
        let addresses = addresses.iter().map(|address| match address {
            IpAddr::V4(address) => der::tlv(0x87, &address.octets()),
            IpAddr::V6(address) => der::tlv(0x87, &address.octets()),
        });
        let all: Vec<_> = names.chain(addresses).collect();
        self.extension("2.5.29.17", &der::tlv(0x30, &all.concat()))
    }

    /// Signs OCSP responses for its issuer, and need not be asked about itself (RFC 6960 4.2.2.2).
    pub fn ocsp_signing(self) -> Self {
        self.extension("2.5.29.37", &der::sequence(&[&der::oid("1.3.6.1.5.5.7.3.9")]))
            .marker("1.3.6.1.5.5.7.48.1.5")
    }

    /// Where its authority answers about it, and where its issuer's certificate is (RFC 5280 4.2.2.1).
    pub fn information_access(self, ocsp: &[&str], issuers: &[&str]) -> Self {
        let at = |method: &str, address: &str| {
            der::sequence(&[&der::oid(method), &der::tlv(0x86, address.as_bytes())])
        };
        let ocsp = ocsp.iter().map(|address| at("1.3.6.1.5.5.7.48.1", address));
        let issuers = issuers.iter().map(|address| at("1.3.6.1.5.5.7.48.2", address));
        let all: Vec<_> = ocsp.chain(issuers).collect();
        self.extension("1.3.6.1.5.5.7.1.1", &der::tlv(0x30, &all.concat()))
    }

    /// Where its issuer's lists of revoked certificates are, each a place of its own (RFC 5280 4.2.1.13).
    pub fn revocation_lists(self, addresses: &[&str]) -> Self {
        let at = |address: &&str| {
            let name = der::context(0, &der::context(0, &der::tlv(0x86, address.as_bytes())));
            der::sequence(&[&name])
        };
        let all: Vec<_> = addresses.iter().map(at).collect();
        self.extension("2.5.29.31", &der::tlv(0x30, &all.concat()))
    }

    /// One of Apple's markers: an extension whose value is NULL.
    pub fn marker(self, oid: &str) -> Self {
        self.extension(oid, &der::null())
    }

    /// The same, critical.
    pub fn critical_marker(self, oid: &str) -> Self {
        self.critical(oid, &der::null())
    }

    /// An extension that may be ignored; `value` is DER.
    pub fn extension(mut self, oid: &str, value: &[u8]) -> Self {
        self.extensions.push(der::sequence(&[&der::oid(oid), &der::octets(value)]));
        self
    }

    /// An extension that may not.
    pub fn critical(mut self, oid: &str, value: &[u8]) -> Self {
        self.extensions.push(der::sequence(&[&der::oid(oid), &der::boolean_true(), &der::octets(value)]));
        self
    }

    /// Signed by its own key.
    #[must_use]
    pub fn self_signed(&self, key: Key) -> Identity {
        let issuer = self.subject.der();
        let key_id = Digest::Sha1.of(&key.public_key());
        let signer = key.clone();
        self.issue(key, issuer, &key_id, &signer)
    }

    /// Signed by `issuer`.
    #[must_use]
    pub fn issued_by(&self, issuer: &Identity, key: Key) -> Identity {
        self.issue(key, issuer.certificate.subject.clone(), &issuer.certificate.key_id, &issuer.key)
    }

    /// Names `issuer`, but signed by `signer`: a forgery.
    #[must_use]
    pub fn forged(&self, issuer: &Certificate, signer: &Key, key: Key) -> Identity {
        self.issue(key, issuer.subject.clone(), &issuer.key_id, signer)
    }

    fn issue(&self, key: Key, issuer: Vec<u8>, issuer_key_id: &[u8], signer: &Key) -> Identity {
        let subject = self.subject.der();
        let public_key_info = self.public_key_info.clone().unwrap_or_else(|| key.public_key_info());
        let validity = der::sequence(&[&der::time(self.not_before), &der::time(self.not_after)]);
        let serial = self.serial.clone().unwrap_or_else(|| {
            let mut serial = Digest::Sha256.of(&[&subject[..], &validity, &public_key_info].concat());
            serial.truncate(8);
            // Neither zero nor with a high bit.
            serial[0] = serial[0] & 0x3f | 0x40;
            serial
        });
        let key_id = Digest::Sha1.of(&key.public_key());
        let identifiers = [
            der::sequence(&[&der::oid("2.5.29.14"), &der::octets(&der::octets(&key_id))]),
            der::sequence(&[
                &der::oid("2.5.29.35"),
                &der::octets(&der::sequence(&[&der::tlv(0x80, issuer_key_id)])),
            ]),
        ];
        let extensions = [&self.extensions[..], &identifiers].concat().concat();
        let algorithm = signer.signature_algorithm(self.digest);
        let to_be_signed = der::sequence(&[
            &der::context(0, &der::unsigned(&[2])),
            &der::unsigned(&serial),
            &algorithm,
            &issuer,
            &validity,
            &subject,
            &public_key_info,
            &der::context(3, &der::tlv(0x30, &extensions)),
        ]);
        let signature = der::bits(&signer.sign(self.digest, &to_be_signed));
        let der = der::sequence(&[&to_be_signed, &algorithm, &signature]);
        Identity { certificate: Certificate { der, subject, issuer, serial, key_id }, key }
    }
}

impl Identity {
    /// The private key in PEM (PKCS #8).
    #[must_use]
    pub fn key_pem(&self) -> String {
        pem("PRIVATE KEY", &self.key.pkcs8())
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<_> =
        (0..text.len()).step_by(64).map(|start| &text[start..text.len().min(start + 64)]).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}
