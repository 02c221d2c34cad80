use itms_services::ManifestDocument;
use itms_services::bounded_plist::{Dictionary, Value};

use super::{key, shown_url};
use crate::rule::{Check, Checked, Fault, Rule, found_all};
use crate::{EvidenceKind, Facts, Severity, Station};

/// A place in the manifest was never filled in.
pub(crate) static RULE: Rule = Rule {
    code: "MAN011",
    name: "placeholder-left",
    severity: Severity::Error,
    evidence: EvidenceKind::Known,
    station: Station::Manifest,
    device_shows: "the placeholder in the prompt, or \"Unable to Download App\"",
    fix: "fill it in, or mend the script that should have",
    explains: &[
        "package-url-not-absolute",
        "package-url-not-https",
        "bundle-identifier-mismatch",
        "bundle-version-mismatch",
    ],
    page: include_str!("placeholder_left.md"),
    check: Check::Manifest(check),
};

fn check(manifest: &ManifestDocument, _: &Facts<'_>) -> Checked {
    let mut faults = Vec::new();
    for item in manifest.items().seen().unwrap_or_default() {
        let lists = [item.assets(), item.thinned_assets()];
        let assets = lists.into_iter().flat_map(|list| list.seen().unwrap_or_default());
        for asset in assets {
            faults.extend(texts(asset.value()).filter_map(|(name, text)| told(&asset.path(), name, text)));
        }
        let path = format!("items[{}].metadata", item.index());
        let metadata = item.value().get("metadata").into_iter().flat_map(texts);
        faults.extend(metadata.filter_map(|(name, text)| told(&path, name, text)));
    }
    found_all(faults)
}

fn texts(value: &Value) -> impl Iterator<Item = (&str, &str)> {
    let keys = value.as_dictionary().into_iter().flat_map(Dictionary::iter);
    keys.filter_map(|(name, value)| Some((name, value.as_str()?)))
}

fn told(path: &str, name: &str, text: &str) -> Option<Fault> {
    let message = format!("{:?} was not filled in", placeholder(text)?);
    let fault = Fault::new(message).at(key(format_args!("{path}.{name}")).seen(shown_url(text)));
    // Title and subtitle are only shown.
    Some(if matches!(name, "title" | "subtitle") { fault.lighter(Severity::Warning) } else { fault })
}

/// The part of the text that a template or a person was to replace.
pub(super) fn placeholder(text: &str) -> Option<&str> {
    const WORDS: [&str; 8] =
        ["CHANGEME", "CHANGE_ME", "REPLACE_ME", "REPLACEME", "YOUR_", "YOUR-", "INSERT_", "PLACEHOLDER"];
    const BRACKETS: [(&str, &str); 7] =
        [("{{", "}}"), ("${", "}"), ("$(", ")"), ("<%", "%>"), ("[[", "]]"), ("__", "__"), ("@@", "@@")];
    for (open, close) in BRACKETS {
        let Some(start) = text.find(open) else { continue };
        let within = &text[start + open.len()..];
        let Some(length) = within.find(close) else { continue };
        let is_name = |name: &str| {
            let name = name.trim();
            name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '=')
                && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-. =|:".contains(c))
        };
        // Two underscores are usual in the names of files; only a word in capitals between them is a place.
        if is_name(&within[..length])
            && (open != "__" || !within[..length].contains(|c: char| c.is_ascii_lowercase()))
        {
            return Some(&text[start..start + open.len() + length + close.len()]);
        }
    }
    if let (Some(start), Some(end)) = (text.find('<'), text.rfind('>'))
        && start < end
    {
        return Some(&text[start..=end]);
    }
    WORDS.iter().find_map(|word| {
        let start = text.find(word)?;
        let rest = &text[start..];
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "_-".contains(c))).unwrap_or(rest.len());
        Some(&rest[..end])
    })
}

#[cfg(test)]
mod tests {
    use super::placeholder;

    #[test]
    fn what_templates_leave_behind_is_told_from_what_people_write() {
        for (text, expected) in [
            ("https://{{host}}/notes.ipa", Some("{{host}}")),
            ("$(PRODUCT_BUNDLE_IDENTIFIER)", Some("$(PRODUCT_BUNDLE_IDENTIFIER)")),
            ("https://${SERVER}/notes.ipa", Some("${SERVER}")),
            ("<%= title %>", Some("<%= title %>")),
            ("__IPA_URL__", Some("__IPA_URL__")),
            ("https://YOUR_SERVER/app.ipa", Some("YOUR_SERVER")),
            ("https://<your server>/app.ipa", Some("<your server>")),
            ("CHANGEME", Some("CHANGEME")),
            ("https://apps.example.com/my__app__1.ipa", None),
            ("https://apps.example.com/app.ipa?a={1}", None),
            ("Notes (beta) & more", None),
            ("a < b", None),
            ("Your Notes", None),
            ("", None),
        ] {
            assert_eq!(placeholder(text), expected, "{text}");
        }
    }
}
