use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Message, MessageParser, PartType};

use super::Found;

/// How deep mails in mails are searched.
const DEPTH: u32 = 4;

/// Searches the texts of a mail, free of what mail wraps them in (quoted-printable, base64); `false` where it is none.
pub(super) fn search(bytes: &[u8], found: &mut Found<'_>) -> bool {
    if !starts_with_header(bytes) {
        return search_fragment(bytes, found);
    }
    let Some(message) = MessageParser::default().parse(bytes) else { return false };
    let is_mail = ["MIME-Version", "Content-Type", "Content-Transfer-Encoding"];
    if !is_mail.iter().any(|name| message.header(*name).is_some()) {
        return false;
    }
    let mut parts = 0;
    search_parts(&message, DEPTH, &mut parts, found);
    true
}

fn search_parts(message: &Message<'_>, depth: u32, parts: &mut usize, found: &mut Found<'_>) {
    for part in &message.parts {
        if *parts >= found.limits.mail_parts {
            found.is_cut = true;
            return;
        }
        match &part.body {
            PartType::Text(text) | PartType::Html(text) => {
                *parts += 1;
                found.search(text, Some(*parts));
            }
            PartType::Message(inner) if depth > 0 => search_parts(inner, depth - 1, parts, found),
            _ => {}
        }
    }
}

/// Whether the text starts as a mail does: the name of a header, a colon; or the line that a mailbox puts before.
fn starts_with_header(bytes: &[u8]) -> bool {
    let name = bytes.split(|byte| *byte == b':').next().unwrap_or_default();
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    bytes.starts_with(b"From ")
        || (name.len() < bytes.len()
            && (2..64).contains(&name.len())
            && name.iter().all(is_name)
            && !name.to_ascii_lowercase().starts_with(b"itms"))
}

/// A piece of a mail's source without its headers: `=3D` behind an action tells that it is quoted-printable.
fn search_fragment(bytes: &[u8], found: &mut Found<'_>) -> bool {
    let is_quoted = bytes.windows(9).any(|nine| nine == b"action=3D" || nine == b"action=3d");
    let Some(decoded) = is_quoted.then(|| quoted_printable_decode(bytes)).flatten() else { return false };
    found.search(&String::from_utf8_lossy(&decoded), Some(1));
    true
}
