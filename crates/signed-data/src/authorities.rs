use std::sync::{Arc, LazyLock};

use crate::{Certificate, Limits};

/// The roots that chains may end at, and authorities below them that messages leave out. A clone is cheap.
#[derive(Clone, Debug, Default)]
pub struct Authorities {
    certificates: Arc<[Certificate]>,
    /// How many of them are roots; these come first.
    roots: usize,
}

/// Apple's certificates: where they come from is told in `apple/README.md`.
const APPLE_ROOTS: [&[u8]; 3] = [
    include_bytes!("../apple/AppleIncRootCertificate.cer"),
    include_bytes!("../apple/AppleRootCA-G2.cer"),
    include_bytes!("../apple/AppleRootCA-G3.cer"),
];
const APPLE_DEVELOPER_RELATIONS: [&[u8]; 8] = [
    include_bytes!("../apple/AppleWWDRCA.cer"),
    include_bytes!("../apple/AppleWWDRCAG2.cer"),
    include_bytes!("../apple/AppleWWDRCAG3.cer"),
    include_bytes!("../apple/AppleWWDRCAG4.cer"),
    include_bytes!("../apple/AppleWWDRCAG5.cer"),
    include_bytes!("../apple/AppleWWDRCAG6.cer"),
    include_bytes!("../apple/AppleWWDRCAG7.cer"),
    include_bytes!("../apple/AppleWWDRCAG8.cer"),
];

static APPLE: LazyLock<Authorities> = LazyLock::new(|| {
    let read = |bytes: &&[u8]| Certificate::read(bytes, &Limits::default()).ok();
    Authorities::new(
        APPLE_ROOTS.iter().filter_map(read).collect(),
        APPLE_DEVELOPER_RELATIONS.iter().filter_map(read).collect(),
    )
});

impl Authorities {
    /// These roots, and authorities below them.
    #[must_use]
    pub fn new(roots: Vec<Certificate>, below: Vec<Certificate>) -> Self {
        let count = roots.len();
        Self { certificates: [roots, below].concat().into(), roots: count }
    }

    /// Apple Root CA, G2 and G3, and the authorities for developers below them.
    ///
    /// Apple may have newer ones than this program knows.
    #[must_use]
    pub fn apple() -> &'static Self {
        &APPLE
    }

    /// The roots.
    #[must_use]
    pub fn roots(&self) -> &[Certificate] {
        &self.certificates[..self.roots]
    }

    /// The roots, and then the authorities below them.
    pub(crate) fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        self.certificates.iter()
    }
}
