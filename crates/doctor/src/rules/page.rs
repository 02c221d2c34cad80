pub(super) mod link_behind_script;
pub(super) mod link_not_an_anchor;
pub(super) mod no_install_link;
pub(super) mod page_not_https;
pub(super) mod page_opens_in_frame;
pub(super) mod page_status;

use super::answer;
use crate::{Evidence, PageFacts};

/// Where the page came from in the end.
fn address(page: &PageFacts<'_>) -> Evidence {
    answer::address(page.fetch.last())
}
