mod config_profile;
mod folder;
mod make;

use std::path::{Path, PathBuf};

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, Issuer, KeyPair, KeyUsagePurpose,
    SanType,
};
use rustls::crypto::ring::default_provider;
use rustls_pki_types::{
    CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime, pem::PemObject as _,
};
use time::{Duration, OffsetDateTime, UtcDateTime, UtcOffset, macros::utc_datetime};
use webpki::{EndEntityCert, KeyUsage};

use self::folder::{Folder, Kept};
use crate::{Fingerprint, Identity, TlsError, identity::Validity};

/// Life of a server certificate. Apple allows 825 days under a root of one's own and 398 under a public one; a short
/// life costs nothing here, since the running server makes the next one.
const LEAF_LIFE: Duration = Duration::days(90);

/// How far back a server certificate begins, for phones whose clock is slow.
const LEAF_BACKDATED: Duration = Duration::days(1);

/// A clock that stands before this was never set.
const EARLIEST: UtcDateTime = utc_datetime!(2026-01-01 0:00);

/// A certificate authority of this server's own, for names that no public one signs for.
///
/// A folder keeps `root.pem`, which phones install and trust, and `intermediate.pem`, the certificate and private key
/// that sign the server's certificates (readable by the server's user alone). There is no private key of the root: it
/// signed the intermediate and was never written down. The intermediate can sign for the names the CA was made for, what
/// lies under them, `.local`, `localhost` and private addresses, and for nothing else: the constraint is critical (RFC
/// 5280, 4.2.1.10), so software that does not understand it refuses the whole chain.
///
/// Both are valid for ten years. New names that the constraint does not cover need a new CA, hence another visit to every
/// phone: see [`replace`](Self::replace).
#[derive(Debug)]
pub struct LocalCa {
    folder: PathBuf,
    root_pem: String,
    root: CertificateDer<'static>,
    intermediate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
    validity: Validity,
}

impl LocalCa {
    /// Opens the CA that `folder` keeps, and makes it first where there is none. `names` are what the server is reached
    /// by; an IP address works too, but phones prefer names. Blocks for file access.
    ///
    /// Either a whole CA stands in the folder or none, at any moment; a second process that opens it waits.
    ///
    /// # Errors
    ///
    /// [`TlsError::NotPermitted`] when the CA was made for other names, [`TlsError::Damaged`] when its files do not
    /// belong together, [`TlsError::OutsideValidity`], [`TlsError::ClockNotSet`], [`TlsError::NoName`], [`TlsError::Read`],
    /// [`TlsError::Write`].
    pub fn open(folder: &Path, names: &[ServerName<'_>], now: UtcDateTime) -> Result<Self, TlsError> {
        let folder = Folder::lock(folder)?;
        let kept = if let Some(kept) = folder.read()? {
            kept
        } else {
            let made = Self::make(names, now)?;
            folder.keep(&made)?;
            made
        };
        let ca = Self::from_kept(folder.path(), kept)?;
        ca.issue(names, now)?;
        Ok(ca)
    }

    /// Makes a new CA for `names` in place of the one in `folder`. Servers keep the old one until they open it again,
    /// and every phone has to install and trust the new root; the old root, whose intermediate is gone, may be removed.
    ///
    /// # Errors
    ///
    /// [`TlsError::ClockNotSet`], [`TlsError::NoName`], [`TlsError::Read`], [`TlsError::Write`]. What was kept before may be gone then.
    pub fn replace(folder: &Path, names: &[ServerName<'_>], now: UtcDateTime) -> Result<Self, TlsError> {
        let folder = Folder::lock(folder)?;
        let kept = Self::make(names, now)?;
        folder.clear()?;
        folder.keep(&kept)?;
        Self::from_kept(folder.path(), kept)
    }

    fn make(names: &[ServerName<'_>], now: UtcDateTime) -> Result<Kept, TlsError> {
        if names.is_empty() {
            return Err(TlsError::NoName);
        }
        if now < EARLIEST {
            return Err(TlsError::ClockNotSet { now });
        }
        make::authority(names, now).map_err(TlsError::Make)
    }

    fn from_kept(folder: &Path, kept: Kept) -> Result<Self, TlsError> {
        let damaged =
            |reason: &str| TlsError::Damaged { folder: folder.to_owned(), reason: reason.to_owned() };
        let certificate =
            |pem: &str, reason| CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|_| damaged(reason));
        let root = certificate(&kept.root_pem, "root.pem holds no certificate")?;
        let intermediate = certificate(&kept.intermediate_pem, "intermediate.pem holds no certificate")?;
        let key = PrivateKeyDer::from_pem_slice(kept.intermediate_pem.as_bytes())
            .map_err(|_| damaged("intermediate.pem holds no private key"))?;
        let key = KeyPair::from_der_and_sign_algo(&key, &rcgen::PKCS_ECDSA_P256_SHA256)
            .map_err(|_| damaged("the private key in intermediate.pem cannot be used"))?;
        let validity = Validity::of(&intermediate)?;
        let issuer = Issuer::new(make::intermediate_params(), key);
        Ok(Self { folder: folder.to_owned(), root_pem: kept.root_pem, root, intermediate, issuer, validity })
    }

    /// Makes a certificate for `names` with a new key: EC P-256, signed with SHA-256, for server authentication, valid
    /// from the day before `now` for 90 days. The chain is the certificate and the intermediate.
    ///
    /// # Errors
    ///
    /// [`TlsError::NotPermitted`], [`TlsError::OutsideValidity`], [`TlsError::NoName`], [`TlsError::Damaged`].
    pub fn issue(&self, names: &[ServerName<'_>], now: UtcDateTime) -> Result<Identity, TlsError> {
        if names.is_empty() {
            return Err(TlsError::NoName);
        }
        let Validity { not_before, not_after } = self.validity;
        if !self.validity.contains(now) {
            return Err(TlsError::OutsideValidity { not_before, not_after, now });
        }
        let identity = self.sign(names, now)?;
        match self.verify(&identity, now) {
            Ok(()) => Ok(identity),
            Err(webpki::Error::NameConstraintViolation) => Err(self.not_permitted(names, now)),
            Err(other) => Err(TlsError::Damaged {
                folder: self.folder.clone(),
                reason: format!("its chain does not hold: {other}"),
            }),
        }
    }

    fn sign(&self, names: &[ServerName<'_>], now: UtcDateTime) -> Result<Identity, TlsError> {
        let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).map_err(TlsError::Make)?;
        let mut params = CertificateParams::default();
        params.not_before = offset(now.saturating_sub(LEAF_BACKDATED).max(self.validity.not_before));
        params.not_after = offset(now.saturating_add(LEAF_LIFE).min(self.validity.not_after));
        params.distinguished_name = common_name("Airstair");
        params.subject_alt_names =
            names.iter().map(alternative_name).collect::<Result<_, _>>().map_err(TlsError::Make)?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let own = params.signed_by(&key, &self.issuer).map_err(TlsError::Make)?;
        Identity::new(
            vec![own.der().clone(), self.intermediate.clone()],
            PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )
    }

    /// Checks a certificate the way a client does that trusts the root.
    fn verify(&self, identity: &Identity, now: UtcDateTime) -> Result<(), webpki::Error> {
        let anchor = webpki::anchor_from_trusted_cert(&self.root)?;
        let (own, intermediates) = identity.chain().split_first().ok_or(webpki::Error::UnknownIssuer)?;
        let seconds = u64::try_from(now.unix_timestamp()).unwrap_or(0);
        EndEntityCert::try_from(own)?.verify_for_usage(
            default_provider().signature_verification_algorithms.all,
            &[anchor],
            intermediates,
            UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds)),
            KeyUsage::server_auth(),
            None,
            None,
        )?;
        Ok(())
    }

    /// Tells which of `names` it is that the constraint forbids, by trying each.
    fn not_permitted(&self, names: &[ServerName<'_>], now: UtcDateTime) -> TlsError {
        let forbidden = |name: &&ServerName<'_>| {
            let alone = self.sign(std::slice::from_ref(*name), now);
            alone.is_ok_and(|identity| {
                self.verify(&identity, now) == Err(webpki::Error::NameConstraintViolation)
            })
        };
        let names = names.iter().filter(forbidden).map(|name| name.to_str().into_owned()).collect();
        TlsError::NotPermitted { folder: self.folder.clone(), names }
    }

    /// The root in PEM form.
    #[must_use]
    pub fn root_pem(&self) -> &str {
        &self.root_pem
    }

    /// The root in DER form (`application/x-x509-ca-cert`).
    #[must_use]
    pub fn root_der(&self) -> &[u8] {
        &self.root
    }

    /// SHA-256 of the root, to compare with what the phone shows before it is trusted.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.root)
    }

    /// The root as a configuration profile (`.mobileconfig`, `application/x-apple-aspen-config`), unsigned. The same
    /// bytes every time: installing it again replaces it. A root installed so is not trusted for TLS until its owner
    /// switches it on under Settings, General, About, Certificate Trust Settings.
    #[must_use]
    pub fn config_profile(&self) -> Vec<u8> {
        config_profile::write(&self.root)
    }

    /// End of the validity of root and intermediate.
    #[must_use]
    pub fn not_after(&self) -> UtcDateTime {
        self.validity.not_after
    }
}

fn alternative_name(name: &ServerName<'_>) -> Result<SanType, rcgen::Error> {
    match name {
        ServerName::IpAddress(address) => Ok(SanType::IpAddress((*address).into())),
        other => Ok(SanType::DnsName(host(other).try_into()?)),
    }
}

/// A name the way certificates hold it: in small letters, without the dot that may end it.
fn host(name: &ServerName<'_>) -> String {
    name.to_str().trim_end_matches('.').to_ascii_lowercase()
}

fn common_name(name: &str) -> DistinguishedName {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, name);
    subject
}

fn offset(moment: UtcDateTime) -> OffsetDateTime {
    moment.to_offset(UtcOffset::UTC)
}
