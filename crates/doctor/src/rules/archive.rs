pub(super) mod archive_damaged;
pub(super) mod bytes_before_archive;
pub(super) mod directory_with_descriptor;
pub(super) mod duplicate_name;
pub(super) mod encrypted_entry;
pub(super) mod entry_not_listed;
pub(super) mod gap_between_entries;
pub(super) mod headers_disagree;
pub(super) mod link_leaves_bundle;
pub(super) mod needless_zip64;
pub(super) mod no_app_in_payload;
pub(super) mod not_an_archive;
pub(super) mod overlapping_entries;
pub(super) mod several_apps;
pub(super) mod store_metadata_present;
pub(super) mod stored_with_descriptor;
pub(super) mod stray_files_in_payload;
pub(super) mod truncated_archive;
pub(super) mod unsafe_name;
pub(super) mod unsupported_method;

use ipa::{EntryPlace, Seen};

use crate::rule::{Checked, Fault, found_all};
use crate::{Evidence, EvidencePlace};

/// An entry, with the byte it begins at.
fn place(entry: &EntryPlace) -> Evidence {
    Evidence::at(EvidencePlace::Entry, &entry.name).seen(format_args!("at byte {}", entry.offset))
}

/// How many of one kind are told by themselves.
const TOLD: usize = 5;

/// What is said of each of the first, and how many more there are: an archive with one such fault mostly has thousands.
fn first_of<T>(seen: &Seen<T>, tell: impl Fn(&T) -> Fault) -> Checked {
    let mut faults: Vec<Fault> = seen.first.iter().take(TOLD).map(tell).collect();
    if let Some(last) = faults.pop() {
        faults.push(match seen.count.saturating_sub(TOLD) {
            0 => last,
            more => last.and_more(more),
        });
    }
    found_all(faults)
}
