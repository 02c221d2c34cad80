//! The icon of an app, as an ordinary PNG.
//!
//! [`find()`] looks for it in the package and always has an answer; [`cgbi`], [`asset_catalog`] and [`drawn`] are the
//! three ways it goes. Whatever came in, what goes out was decoded to pixels and encoded anew, so no chunk of a
//! hostile file reaches a browser.

pub mod asset_catalog;
pub mod cgbi;
pub mod drawn;
mod face;
mod file_name;
mod find;
mod raster;

pub(crate) use find::files;
pub use find::{IconFiles, find};
pub use raster::Raster;

use crate::Limits;

/// The largest size an icon is resized to, in pixels.
const RESIZED_LIMIT: u32 = 1024;

/// The icon of an app. Always square.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Icon {
    source: IconSource,
    raster: Raster,
}

/// Where an icon came from.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum IconSource {
    /// A PNG of this name beside `Info.plist`.
    Loose(String),
    /// The rendition of this name in `Assets.car`.
    AssetCatalog(String),
    /// Nowhere: there is none that can be read, so one was drawn.
    Drawn,
}

impl Icon {
    /// Where it came from.
    #[must_use]
    pub fn source(&self) -> &IconSource {
        &self.source
    }

    /// Its width and height, in pixels.
    #[must_use]
    pub fn pixels(&self) -> u32 {
        self.raster.width()
    }

    /// An ordinary PNG at the icon's own size: eight bits a channel, no profile, alpha kept where there is any.
    #[must_use]
    pub fn png(&self) -> Vec<u8> {
        self.raster.to_png()
    }

    /// The same at `pixels` width and height (1 to 1024, cut to that), such as the 57 and 512 a manifest names.
    ///
    /// Smaller and larger by Lanczos3. Transparent parts stay transparent: devices and browsers put their own ground
    /// behind them.
    #[must_use]
    pub fn resized(&self, pixels: u32) -> Vec<u8> {
        let side = pixels.clamp(1, RESIZED_LIMIT);
        self.raster.resized(side, side).to_png()
    }
}

/// Why an image could not be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum IconError {
    /// The file is longer than is read.
    #[error("the file has {seen} bytes, the limit is {limit} bytes")]
    FileBytes {
        /// The length of the file.
        seen: u64,
        /// The length allowed.
        limit: u64,
    },
    /// The image has more pixels than is decoded, or none.
    #[error("the image is {width} x {height} pixels, the limit is {limit} pixels and one a side at least")]
    Pixels {
        /// Its width.
        width: u32,
        /// Its height.
        height: u32,
        /// The pixels allowed, in all.
        limit: u64,
    },
    /// The PNG has more chunks than are looked at.
    #[error("the image has more than {limit} chunks")]
    Chunks {
        /// The chunks allowed.
        limit: u32,
    },
    /// A tree of the catalogue has more entries than are looked at.
    #[error("the catalogue has a tree of more than {limit} entries")]
    Entries {
        /// The entries allowed.
        limit: usize,
    },
    /// The bytes are not a PNG at all.
    #[error("the file is not a PNG")]
    NotPng,
    /// The bytes are not an asset catalogue at all.
    #[error("the file is not an asset catalogue")]
    NotCatalog,
    /// The catalogue lacks a part it needs.
    #[error("the catalogue has no {0}")]
    Missing(&'static str),
    /// The file is broken.
    #[error("the file has {0}")]
    Malformed(&'static str),
    /// The file is sound, as far as can be told, but of a kind that is not read.
    #[error("{0} is not supported")]
    Unsupported(&'static str),
    /// The PNG's pixels are broken.
    #[error("the PNG cannot be decoded: {0}")]
    Png(String),
    /// The JPEG's pixels are broken.
    #[error("the JPEG cannot be decoded: {0}")]
    Jpeg(String),
    /// There is no icon of these names.
    #[error("the catalogue has no square icon of that name")]
    NoIcon,
}

fn check_pixels(width: u32, height: u32, limits: &Limits) -> Result<(), IconError> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 || pixels > limits.icon_pixels {
        return Err(IconError::Pixels { width, height, limit: limits.icon_pixels });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
