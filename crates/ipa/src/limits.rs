/// What reading a package may cost. Every package is hostile until read.
///
/// The defaults suit a package on a disk; [`Limits::remote`] suits one that is read over a network.
///
/// ```
/// let limits = ipa::Limits { entries: 10_000, ..ipa::Limits::default() };
/// ```
#[derive(Clone, Debug)]
pub struct Limits {
    /// The most entries an archive may have.
    pub entries: u32,
    /// The most bytes its central directory may take.
    pub directory_bytes: u64,
    /// The longest entry name, in bytes.
    pub name_bytes: u32,
    /// The most bytes one entry may hold once inflated.
    pub entry_bytes: u64,
    /// The most bytes all entries together may say they hold once inflated.
    pub total_bytes: u64,
    /// The most bytes that one compressed byte may inflate to, judged once an entry has given 8 MiB.
    pub ratio: u32,
    /// How deep bundles may lie within bundles: 1 is an extension of the app.
    pub depth: u32,
    /// The most nested bundles that are looked at.
    pub bundles: u32,
    /// The most entries that an inspection opens, in the order of their weight.
    pub opened_entries: u32,
    /// The most local headers that a walk through an archive reads; an archive with more is not walked.
    pub walked_headers: u32,
    /// The most symbolic links that a walk follows; of an archive with more none is.
    pub followed_links: u32,
    /// The most bytes that an inspection inflates in all; what remains is not measured.
    pub inspected_bytes: u64,
    /// The most languages whose names are read.
    pub languages: u32,
    /// The most bytes of an executable that are inflated to find its load commands.
    pub executable_bytes: u64,
    /// The most bytes of all executables together that are inflated to find their code signatures.
    pub signed_bytes: u64,
    /// The most bytes a code signature may have.
    pub signature_bytes: u64,
    /// What reading the list of a bundle's sealed files may cost.
    pub resources: bounded_plist::Limits,
    /// The most sealed files of all bundles together that are compared.
    pub sealed_files: u32,
    /// What reading one property list may cost.
    pub plist: bounded_plist::Limits,
    /// The most bytes an `embedded.mobileprovision` may have.
    pub profile_bytes: u64,
    /// What reading a signed message and its certificates may cost.
    pub cms: signed_data::Limits,
    /// The most bytes an icon file may have.
    pub icon_bytes: u64,
    /// The most pixels an icon may have.
    pub icon_pixels: u64,
    /// The most bytes an asset catalogue may have for its icon to be looked for.
    pub asset_catalog_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries: 200_000,
            directory_bytes: 48 << 20,
            name_bytes: 4096,
            entry_bytes: 8 << 30,
            total_bytes: 32 << 30,
            ratio: 250,
            depth: 4,
            bundles: 1000,
            opened_entries: 5000,
            walked_headers: 200_000,
            followed_links: 1000,
            inspected_bytes: 128 << 20,
            languages: 200,
            executable_bytes: 32 << 20,
            signed_bytes: 4 << 30,
            signature_bytes: 8 << 20,
            resources: bounded_plist::Limits {
                input_bytes: 12 << 20,
                objects: 400_000,
                depth: 8,
                string_bytes: 4096,
                total_bytes: 12 << 20,
            },
            sealed_files: 100_000,
            plist: bounded_plist::Limits {
                input_bytes: 4 << 20,
                objects: 100_000,
                depth: 64,
                string_bytes: 1 << 20,
                total_bytes: 16 << 20,
            },
            profile_bytes: 4 << 20,
            cms: signed_data::Limits::default(),
            icon_bytes: 8 << 20,
            icon_pixels: 4 << 20,
            asset_catalog_bytes: 64 << 20,
        }
    }
}

impl Limits {
    /// Limits for a package read over a network, where each entry opened is a request: what matters most, and no more.
    ///
    /// What is left out for their sake is [`NotMeasured`](crate::Fact::NotMeasured).
    #[must_use]
    pub fn remote() -> Self {
        Self {
            opened_entries: 24,
            walked_headers: 0,
            followed_links: 0,
            languages: 0,
            executable_bytes: 512 << 10,
            signed_bytes: 0,
            asset_catalog_bytes: 4 << 20,
            ..Self::default()
        }
    }
}
