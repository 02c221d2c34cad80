use itms_services::LinkPlace;

use crate::Fetch;

/// A page, as a browser gets it.
#[derive(Clone, Copy, Debug)]
pub struct PageFacts<'a> {
    /// How it was fetched.
    pub fetch: &'a Fetch,
    /// What it has of an install link.
    pub link: PageLink<'a>,
}

/// Where a page has the install link that is judged.
#[derive(Clone, Copy, Debug)]
pub enum PageLink<'a> {
    /// There is none.
    None {
        /// Scripts of the page that were not read, in which there may be one.
        unread_scripts: usize,
    },
    /// All that is found of one is put together by a script or a template.
    Partial,
    /// It stands here.
    Found {
        /// The place.
        place: &'a LinkPlace,
        /// The line, from 1.
        line: usize,
        /// The address of the document in a frame that it stands in, where it is not in the page itself.
        frame: Option<&'a str>,
    },
    /// The page's address leads on to it: `Location: itms-services://…`.
    Redirect,
}
