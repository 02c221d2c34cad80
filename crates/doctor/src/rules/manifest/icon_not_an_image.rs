use ipa::FileKind;

use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found};
use crate::rules::answer::{address, header, login, shown, title};
use crate::{BodyEnd, Evidence, EvidenceKind, EvidencePlace, Facts, Icon, Severity, Station};

/// What comes from an icon's address is no image that devices show, or not a square one.
pub(crate) static RULE: Rule = Rule {
    code: "MAN015",
    name: "icon-not-an-image",
    severity: Severity::Warning,
    evidence: EvidenceKind::Observed,
    station: Station::Manifest,
    device_shows: "a blank icon while the app is installed",
    fix: "put a square PNG at the icon's address",
    explains: &[],
    page: include_str!("icon_not_an_image.md"),
    check: Check::EachIcon(check),
};

fn check(icon: &Icon, _: &Facts<'_>) -> Checked {
    let answer = icon.fetch.success().ok_or(NotJudged::NotMine)?;
    let bytes = &answer.body.bytes;
    let is_unknown = !matches!(answer.body.end, BodyEnd::Whole | BodyEnd::Unread)
        || bytes.is_empty() && answer.body.end == BodyEnd::Unread;
    if is_unknown || login(&icon.fetch).is_some() {
        return Err(NotJudged::NotMine);
    }
    let what = icon.kind;
    let place = address(icon.fetch.last());
    match Looks::of(bytes) {
        Looks::Png { width, height } if width != height => {
            let message = format!("the {what} is {width} pixels wide and {height} high, not square");
            found(Fault::new(message).lighter(Severity::Note).at(place))
        }
        Looks::Png { .. } | Looks::Jpeg => clean(),
        Looks::Other(kind) => {
            let fault = Fault::new(format!("the {what} is no PNG but {kind}")).at(place);
            let fault = match title(bytes) {
                Some(title) => fault.at(Evidence::at(EvidencePlace::KeyPath, "title").seen(shown(title))),
                None => fault,
            };
            found(match answer.header("content-type") {
                Some(content_type) => fault.at(header("Content-Type", content_type)),
                None => fault,
            })
        }
    }
}

/// What an image is by its first bytes.
enum Looks {
    Png { width: u32, height: u32 },
    Jpeg,
    Other(&'static str),
}

impl Looks {
    fn of(bytes: &[u8]) -> Self {
        if bytes.starts_with(b"\xff\xd8\xff") {
            return Self::Jpeg;
        }
        if let Some(chunks) = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n") {
            return Self::of_png(chunks).unwrap_or(Self::Other("the beginning of one"));
        }
        let is_icon = bytes.starts_with(b"\0\0\x01\0");
        let is_webp = bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP");
        let is_heif = bytes.get(4..8) == Some(b"ftyp");
        let beginning = &bytes[..bytes.len().min(1024)];
        let is_svg = crate::rules::answer::find(beginning, b"<svg").is_some();
        Self::Other(match FileKind::of(bytes) {
            _ if bytes.starts_with(b"GIF8") => "a GIF",
            _ if is_webp => "a WebP image",
            _ if is_heif => "a HEIF or AVIF image",
            _ if is_icon => "an icon for web pages (.ico)",
            kind if is_svg && kind != FileKind::Html => "an SVG drawing",
            kind => kind.as_str(),
        })
    }

    /// Of the chunks behind the signature. Apple's own PNGs have a chunk before the header.
    fn of_png(chunks: &[u8]) -> Option<Self> {
        const CHUNK_OF_APPLES_BYTES: usize = 16;
        let is_apples = chunks.get(4..8) == Some(b"CgBI");
        let header = if is_apples { chunks.get(CHUNK_OF_APPLES_BYTES..)? } else { chunks };
        let header = header.get(8..16).filter(|_| header.get(4..8) == Some(b"IHDR"))?;
        let (width, height) = header.split_first_chunk::<4>()?;
        Some(Self::Png {
            width: u32::from_be_bytes(*width),
            height: u32::from_be_bytes(height.try_into().ok()?),
        })
    }
}
