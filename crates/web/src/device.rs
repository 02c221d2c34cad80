//! What a device's installer fetches, with nothing but the ticket in the path.

mod image;
mod manifest;
mod package;
mod package_body;

pub(crate) use image::{display_image, full_size_image, png};
pub(crate) use manifest::manifest;
pub(crate) use package::package;

use distribution::{Visitor, Wanted};
use http::{HeaderMap, Method, header};

fn wanted(method: &Method) -> Wanted {
    if method == Method::HEAD { Wanted::Size } else { Wanted::Bytes }
}

fn visitor(headers: &HeaderMap) -> Visitor {
    Visitor::of(headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()))
}
