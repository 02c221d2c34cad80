use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

/// A root, and a certificate for `localhost` that it signed, in files.
#[derive(Clone, Debug)]
pub struct Certificates {
    folder: PathBuf,
}

impl Certificates {
    /// Makes both, with ECDSA keys on P-256, and writes them into `folder`.
    ///
    /// # Panics
    ///
    /// When there is no randomness, or no room for the files.
    #[must_use]
    pub fn write(folder: &Path) -> Self {
        Self::write_below("Example Root", folder)
    }

    /// The same below a root of this name.
    ///
    /// # Panics
    ///
    /// When there is no randomness, or no room for the files.
    #[must_use]
    pub fn write_below(authority: &str, folder: &Path) -> Self {
        let mut root = CertificateParams::new(Vec::new()).expect("no names");
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        root.distinguished_name.push(DnType::CommonName, authority);
        let root_key = KeyPair::generate().expect("randomness");
        let root_certificate = root.self_signed(&root_key).expect("a root");
        let leaf_key = KeyPair::generate().expect("randomness");
        let leaf = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
        let leaf = leaf.signed_by(&leaf_key, &Issuer::new(root, root_key)).expect("a certificate");
        let written = Self { folder: folder.to_owned() };
        for (file, text) in [
            (written.root(), root_certificate.pem()),
            (written.chain(), leaf.pem()),
            (written.key(), leaf_key.serialize_pem()),
        ] {
            fs::write(file, text).expect("room for a file");
        }
        written
    }

    /// The root that devices must trust, in PEM.
    #[must_use]
    pub fn root(&self) -> PathBuf {
        self.folder.join("root.pem")
    }

    /// The certificate that a server shows, in PEM.
    #[must_use]
    pub fn chain(&self) -> PathBuf {
        self.folder.join("chain.pem")
    }

    /// Its key, in PEM.
    #[must_use]
    pub fn key(&self) -> PathBuf {
        self.folder.join("key.pem")
    }
}
