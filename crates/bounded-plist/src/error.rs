use std::fmt;

/// Why a property list was refused, and where.
///
/// ```
/// use bounded_plist::{Fault, Limits, read};
///
/// let manifest = b"<dict><key>items</key><array><dict><key>title</key><string>R&D</string></dict></array></dict>";
/// let error = read(manifest, &Limits::default()).unwrap_err();
/// assert_eq!(error.fault, Fault::BareAmpersand);
/// assert_eq!(error.offset, 60);
/// assert_eq!(error.path, "items[0].title");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ReadError {
    /// What is wrong.
    pub fault: Fault,
    /// Where in the input, in bytes from its beginning.
    pub offset: usize,
    /// The key path of the value being read, such as `items[0].metadata.title` or
    /// `Entitlements["com.apple.developer.team-identifier"]`; empty at the outermost value. Long ones are cut short,
    /// and what cannot be printed is escaped.
    pub path: String,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, at byte {}", self.fault, self.offset)?;
        if self.path.is_empty() { Ok(()) } else { write!(f, " in {}", self.path) }
    }
}

impl std::error::Error for ReadError {}

/// What is wrong with a property list. Text taken from the input is cut short, and what cannot be printed in it is
/// escaped.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// There is nothing but white space.
    #[error("the input is empty")]
    Empty,
    /// The input begins neither like a binary property list nor like XML.
    #[error("neither a binary property list nor XML: it begins with `{starts}`")]
    Format {
        /// The first bytes.
        starts: String,
    },
    /// The input ends within the property list.
    #[error("the input ends before the property list does")]
    Truncated,

    /// The input is longer than [`Limits::input_bytes`](crate::Limits::input_bytes).
    #[error("{seen} bytes of property list, where the limit is {limit} bytes")]
    InputBytes {
        /// Its length, in bytes.
        seen: usize,
        /// The limit, in bytes.
        limit: usize,
    },
    /// More values and keys than [`Limits::objects`](crate::Limits::objects).
    #[error("more than {limit} objects")]
    Objects {
        /// The limit.
        limit: usize,
    },
    /// Deeper nesting than [`Limits::depth`](crate::Limits::depth) or [`MAX_DEPTH`](crate::MAX_DEPTH).
    #[error("arrays and dictionaries nested more than {limit} deep")]
    Depth {
        /// The limit.
        limit: usize,
    },
    /// A string, key or data longer than [`Limits::string_bytes`](crate::Limits::string_bytes).
    #[error("a string, key or data of more than {limit} bytes")]
    StringBytes {
        /// The limit, in bytes.
        limit: usize,
    },
    /// More memory than [`Limits::total_bytes`](crate::Limits::total_bytes).
    #[error("the values read take more than {limit} bytes of memory")]
    TotalBytes {
        /// The limit, in bytes.
        limit: usize,
    },

    /// XML in an encoding that is not read: only UTF-8, UTF-16 and ISO 8859-1 are.
    #[error("XML encoded as `{name}`, which is not read")]
    Encoding {
        /// The encoding declared or recognised.
        name: String,
    },
    /// XML that is not the UTF-8 or UTF-16 which it claims to be.
    #[error("bytes that are not {encoding}")]
    Text {
        /// `UTF-8` or `UTF-16`.
        encoding: &'static str,
    },
    /// XML that is not well-formed.
    #[error("not well-formed XML: {reason}")]
    Syntax {
        /// What the tokenizer says.
        reason: String,
    },
    /// An end tag that does not belong to the element that is open.
    #[error("</{found}> where {} must be", closing(.expected))]
    EndTag {
        /// The name of the element that it ends.
        found: String,
        /// The name of the element that is open; empty when none is.
        expected: String,
    },
    /// An ampersand that begins no reference; as text it has to be written `&amp;`.
    #[error("a bare `&`, which has to be written `&amp;`")]
    BareAmpersand,
    /// A reference to an entity other than `lt`, `gt`, `amp`, `apos` and `quot`. Entities declared in the document
    /// are never expanded.
    #[error("the entity `&{name};`, which is none of XML's own five")]
    Entity {
        /// Its name.
        name: String,
    },
    /// A character reference that names no character.
    #[error("`&{reference};` is no character")]
    CharacterReference {
        /// The reference, from `#` on.
        reference: String,
    },
    /// An element that property lists do not have; `html` where a web page came instead.
    #[error("the element <{name}>, which property lists do not have")]
    Element {
        /// Its name.
        name: String,
    },
    /// Something else than must be there.
    #[error("{found} where {expected} must be")]
    Misplaced {
        /// What is there.
        found: String,
        /// What must be there.
        expected: &'static str,
    },
    /// An `<integer>` that is not one, or out of the range of an `i128`.
    #[error("`{text}` is no integer")]
    Integer {
        /// Its text.
        text: String,
    },
    /// A `<real>` that is not one.
    #[error("`{text}` is no real number")]
    Real {
        /// Its text.
        text: String,
    },
    /// A `<date>` that is not of the form `2001-01-01T00:00:00Z`, or that no calendar has.
    #[error("`{text}` is no date of the form 2001-01-01T00:00:00Z")]
    Date {
        /// Its text.
        text: String,
    },
    /// A trailer, the last 32 bytes of a binary property list, that cannot be right.
    #[error("the trailer says {field} {seen}")]
    Trailer {
        /// Which of its fields.
        field: &'static str,
        /// What it says.
        seen: u64,
    },
    /// A reference to an object beyond the last.
    #[error("a reference to object {index} of {count}")]
    Reference {
        /// The index.
        index: u64,
        /// The number of objects.
        count: u64,
    },
    /// An object, or a part of one, outside the bytes between the header and the offset table.
    #[error("an object outside the file's object table")]
    Extent,
    /// An object of a kind that property lists do not have (null, set, fill) or of a size that none has.
    #[error("an object marked {marker:#04x}, which is not read")]
    Marker {
        /// Its first byte.
        marker: u8,
    },
    /// An array or dictionary that holds itself.
    #[error("object {index} holds itself")]
    Cycle {
        /// The index of the object.
        index: u64,
    },
    /// A byte above 0x7f in a string marked as ASCII.
    #[error("the byte {byte:#04x} in an ASCII string")]
    NotAscii {
        /// The byte.
        byte: u8,
    },
    /// A date that is not a number or lies outside the years −9999 … 9999.
    #[error("a date {seconds} seconds from 2001")]
    DateRange {
        /// Seconds since 2001-01-01T00:00:00Z.
        seconds: f64,
    },
    /// A UID greater than `u64::MAX`.
    #[error("a UID of more than 8 bytes")]
    UidRange,
}

fn closing(name: &str) -> String {
    if name.is_empty() { "no end tag".to_owned() } else { format!("</{name}>") }
}

/// The beginning of `text`, fit to be shown: at most 48 characters, what cannot be printed escaped.
pub(crate) fn excerpt(text: &str) -> String {
    shorten(text, 48)
}

/// As [`excerpt`], up to so many `characters`.
pub(crate) fn shorten(text: &str, characters: usize) -> String {
    let mut shown: String = text.chars().take(characters).flat_map(char::escape_debug).collect();
    if text.chars().nth(characters).is_some() {
        shown.push('…');
    }
    shown
}
