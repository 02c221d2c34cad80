use der::asn1::ObjectIdentifier;

/// Why bytes are no message or certificate that can be read.
///
/// Offsets count bytes from the beginning of the input.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SignedDataError {
    /// The input is longer than [`Limits::input_bytes`](crate::Limits::input_bytes).
    #[error("{found} bytes, where the limit is {limit} bytes")]
    InputBytes {
        /// Its length, in bytes.
        found: usize,
        /// The limit, in bytes.
        limit: usize,
    },
    /// Deeper nesting than [`Limits::depth`](crate::Limits::depth).
    #[error("values nested more than {limit} deep, at byte {at}")]
    Depth {
        /// The limit.
        limit: usize,
        /// Where the first value too deep begins.
        at: usize,
    },
    /// More values than [`Limits::values`](crate::Limits::values).
    #[error("more than {limit} values")]
    Values {
        /// The limit.
        limit: usize,
    },
    /// More certificates than [`Limits::certificates`](crate::Limits::certificates).
    #[error("more than {limit} certificates")]
    Certificates {
        /// The limit.
        limit: usize,
    },
    /// More signatures than [`Limits::signers`](crate::Limits::signers).
    #[error("more than {limit} signatures")]
    Signers {
        /// The limit.
        limit: usize,
    },
    /// More content than [`Limits::content_bytes`](crate::Limits::content_bytes).
    #[error("{found} bytes of content, where the limit is {limit} bytes")]
    ContentBytes {
        /// Its length, in bytes.
        found: usize,
        /// The limit, in bytes.
        limit: usize,
    },
    /// The input, or the value around, ends where more must come.
    #[error("the data ends within a value, at byte {at}")]
    Truncated {
        /// Where the data ends.
        at: usize,
    },
    /// A value says it is longer than what is around it.
    #[error("a value of {length} bytes where {left} are left, at byte {at}")]
    Length {
        /// The length it claims, in bytes.
        length: u64,
        /// What is left for it, in bytes.
        left: usize,
        /// Where it begins.
        at: usize,
    },
    /// Bytes that cannot begin a value.
    #[error("{reason}, at byte {at}")]
    Encoding {
        /// What is wrong with them.
        reason: &'static str,
        /// Where they are.
        at: usize,
    },
    /// The values are sound, but not those of a message or certificate.
    #[error("{part} is missing or something else stands in its place")]
    Structure {
        /// What must be there, such as `the signer's serial number`.
        part: &'static str,
    },
    /// Something stands behind the last part that a value may have.
    #[error("something stands behind the last part of {part}")]
    Surplus {
        /// The value with the surplus.
        part: &'static str,
    },
    /// The message is CMS, but not signed data.
    #[error("a message of type {found}, where signed data (1.2.840.113549.1.7.2) is read")]
    ContentType {
        /// The type it has.
        found: ObjectIdentifier,
    },
}
