/// The deepest nesting ever read, whatever [`Limits::depth`] says.
///
/// A [`Value`](crate::Value) is cloned, compared and dropped by recursion, so its depth is paid for with stack, and
/// a thread's stack may be as small as 512 KiB.
pub const MAX_DEPTH: usize = 256;

/// The budgets under which [`read`](crate::read) works. What does not fit is refused, never cut short.
///
/// A limit is the greatest amount that still passes. The defaults suit what Apple's tools write (`Info.plist`,
/// provisioning profiles, manifests) with a wide margin.
///
/// ```
/// use bounded_plist::{Fault, Limits, read};
///
/// let limits = Limits { depth: 2, ..Limits::default() };
/// assert!(read(b"<array><array/></array>", &limits).is_ok());
/// let error = read(b"<array><array><array/></array></array>", &limits).unwrap_err();
/// assert_eq!(error.fault, Fault::Depth { limit: 2 });
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Limits {
    /// Length of the input, in bytes. Default: 16 MiB.
    pub input_bytes: usize,
    /// Values and dictionary keys, each counted as often as the finished value holds it: an object that a binary
    /// property list refers to a thousand times counts a thousand times. Default: 500,000.
    pub objects: usize,
    /// Arrays and dictionaries inside one another, the outermost being 1; never more than [`MAX_DEPTH`].
    /// Default: 128.
    pub depth: usize,
    /// Length of one string or key (in bytes of UTF-8) or one data, in bytes. Default: 8 MiB.
    pub string_bytes: usize,
    /// Memory held by the values read, at any moment while reading, in bytes: the slot of every value and key, what
    /// strings and data hold, and the room set aside for growing. The input, its copy when it is XML in another
    /// encoding than UTF-8, and one byte per object of a binary property list come on top, all of them bounded by
    /// `input_bytes`. Default: 64 MiB.
    pub total_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            input_bytes: 16 << 20,
            objects: 500_000,
            depth: 128,
            string_bytes: 8 << 20,
            total_bytes: 64 << 20,
        }
    }
}
