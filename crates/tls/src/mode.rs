use std::path::PathBuf;

/// Where the server's certificate comes from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TlsMode {
    /// From a CA of the server's own, which phones have to install and trust once.
    LocalCa,
    /// From PEM files, reloaded when they change.
    Files {
        /// The certificate, followed by its intermediates.
        cert: PathBuf,
        /// Its private key: PKCS #8, SEC 1 or PKCS #1.
        key: PathBuf,
    },
    /// Nowhere: a proxy in front terminates TLS.
    Off,
}
