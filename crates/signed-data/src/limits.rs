/// What reading a message, a certificate or what tells of its revocation may cost. What does not fit is refused, never cut short.
///
/// A limit is the greatest amount that still passes. The defaults suit what Apple's services write, with a wide margin:
/// real profiles and code signatures seen have up to 69 KB, 308 values nested 12 deep, and 3 certificates.
///
/// ```
/// use signed_data::{Certificate, Limits, SignedDataError};
///
/// let limits = Limits { depth: 3, ..Limits::default() };
/// let nested = [0x30, 6, 0x30, 4, 0x30, 2, 0x30, 0];
/// assert_eq!(Certificate::read(&nested, &limits).unwrap_err(), SignedDataError::Depth { limit: 3, at: 6 });
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Limits {
    /// Length of the input, in bytes. Default: 16 MiB.
    pub input_bytes: usize,
    /// Constructed values inside one another, the outermost being 1. Default: 32.
    pub depth: usize,
    /// Values of any kind, outermost and innermost included. Default: 100,000.
    pub values: usize,
    /// Certificates that a message carries, of any kind. Default: 1,000.
    pub certificates: usize,
    /// Signatures that a message carries. Default: 20.
    pub signers: usize,
    /// Length of the content that a message carries, in bytes. Default: 8 MiB.
    pub content_bytes: usize,
    /// Length of a revocation list, in bytes; no other limit concerns one, since it is read where it lies. Default: 32 MiB.
    pub list_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            input_bytes: 16 << 20,
            depth: 32,
            values: 100_000,
            certificates: 1000,
            signers: 20,
            content_bytes: 8 << 20,
            list_bytes: 32 << 20,
        }
    }
}
