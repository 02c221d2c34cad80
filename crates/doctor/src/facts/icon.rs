use itms_services::AssetKind;

use crate::Fetch;

/// An icon that a manifest names, as it was fetched.
#[derive(Clone, Debug)]
pub struct Icon {
    /// Which of the two.
    pub kind: AssetKind,
    /// The item of the manifest that names it, from 0.
    pub item: usize,
    /// How it was fetched.
    pub fetch: Fetch,
}
