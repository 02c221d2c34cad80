//! What can't be seen for reasons of its own.

/// What one breakage hides of others.
struct Hidden {
    behind: &'static str,
    names: &'static [&'static str],
    /// Why.
    #[expect(dead_code, reason = "it is for those who read the table")]
    why: &'static str,
}

const HIDDEN: &[Hidden] = &[Hidden {
    behind: "a signature over SHA-1",
    names: &["a forged certificate", "a private root that is sent", "an expired intermediate"],
    why: "such a signature is not compared, and so nobody knows who issued the certificate",
}];

/// Whether the first can't be seen for the other.
pub(crate) fn is_behind(what: &str, other: &str) -> bool {
    HIDDEN.iter().any(|row| row.behind == other && row.names.contains(&what))
}
