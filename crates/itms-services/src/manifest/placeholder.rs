use bounded_plist::Value;

/// A value in a manifest that somebody was to fill in.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Placeholder {
    /// Where the value is: `items[0].assets[0].url`.
    pub path: String,
    /// What tells that it was not filled in, as it stands, at most 64 characters: `{{ url }}`.
    pub found: String,
    /// What kind of mark that is.
    pub kind: PlaceholderKind,
}

/// What tells that a value was not filled in.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum PlaceholderKind {
    /// A mark that a build system or a template engine replaces: `$(NAME)`, `${name}`, `{{ name }}`, `<%= name %>`,
    /// `__NAME__`.
    Template,
    /// Words for whoever fills it in: `YOUR_APP`, `yourcompany`, `CHANGEME`, `TODO`.
    Words,
    /// A host that belongs to nobody, reserved for examples (RFC 2606): `www.example.com`. Xcode's own dialogue shows such
    /// addresses.
    ExampleHost,
}

/// How deep values are searched; a manifest has four levels.
const DEPTH: usize = 8;
/// How many are told.
const KEPT: usize = 100;

pub(super) fn find(root: &Value) -> Vec<Placeholder> {
    let mut found = Vec::new();
    search(root, &mut String::new(), DEPTH, &mut found);
    found
}

fn search(value: &Value, path: &mut String, depth: usize, found: &mut Vec<Placeholder>) {
    if depth == 0 || found.len() >= KEPT {
        return;
    }
    let length = path.len();
    if let Some(text) = value.as_str() {
        if let Some((mark, kind)) = mark(text) {
            let mark = mark.chars().take(64).collect();
            found.push(Placeholder { path: path.clone(), found: mark, kind });
        }
    } else if let Some(values) = value.as_array() {
        for (index, value) in values.iter().enumerate() {
            path.extend(["[", &index.to_string(), "]"]);
            search(value, path, depth - 1, found);
            path.truncate(length);
        }
    } else if let Some(values) = value.as_dictionary() {
        for (key, value) in values {
            if !path.is_empty() {
                path.push('.');
            }
            path.extend(key.chars().take(64));
            search(value, path, depth - 1, found);
            path.truncate(length);
        }
    }
}

fn mark(text: &str) -> Option<(&str, PlaceholderKind)> {
    let template =
        [("{{", "}}"), ("${", "}"), ("$(", ")"), ("#{", "}"), ("<%", "%>"), ("{%", "%}"), ("[[", "]]")];
    for (open, close) in template {
        if let Some(start) = text.find(open)
            && let Some(end) = text[start..].find(close)
        {
            return Some((&text[start..start + end + close.len()], PlaceholderKind::Template));
        }
    }
    words(text)
        .find_map(|word| {
            let is_name = word.len() > 4 && word.starts_with("__") && word.ends_with("__");
            let kind = if is_name { PlaceholderKind::Template } else { PlaceholderKind::Words };
            (is_name || is_instruction(word)).then_some((word, kind))
        })
        .or_else(|| example_host(text).map(|host| (host, PlaceholderKind::ExampleHost)))
}

/// The parts of a text that are made of letters, digits and `_`.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).filter(|word| !word.is_empty())
}

/// Whether a word tells somebody to put another in its place.
fn is_instruction(word: &str) -> bool {
    const WHOLE: [&str; 8] =
        ["changeme", "fixme", "insertname", "placeholder", "replaceme", "tbd", "todo", "xxxx"];
    const OWNED: [&str; 15] = [
        "app",
        "appname",
        "bucket",
        "bundleid",
        "company",
        "companyname",
        "domain",
        "domainname",
        "host",
        "hostname",
        "name",
        "organization",
        "server",
        "site",
        "url",
    ];
    let bare: String = word.chars().filter(|c| *c != '_').map(|c| c.to_ascii_lowercase()).collect();
    let is_shouted = word.starts_with("YOUR_") || word.starts_with("INSERT_") || word.starts_with("REPLACE_");
    is_shouted
        || WHOLE.contains(&bare.as_str())
        || ["your", "my"].iter().any(|whose| {
            bare.strip_prefix(whose).is_some_and(|what| {
                // "myApp" is what people call apps; "yourapp" is not.
                OWNED.contains(&what) && (*whose == "your" || what == "company" || what == "domain")
            })
        })
}

/// The host of a URL, if it is one of those that stand for none.
fn example_host(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("://")?;
    let host = rest.split(['/', '?', '#', ':']).next()?;
    let lower = host.to_ascii_lowercase();
    let lower = lower.trim_end_matches('.');
    let is_of =
        |domain: &str| lower.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    ["example.com", "example.net", "example.org", "example", "invalid"]
        .iter()
        .any(|domain| is_of(domain))
        .then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_filled_in_is_told_by_its_mark() {
        use PlaceholderKind::{ExampleHost, Template, Words};
        for (text, expected) in [
            ("https://apps.acme.test/notes.ipa", None),
            ("https://cdn.acme.test/my-app/MyApp.ipa", None),
            ("com.acme.todolist", None),
            ("Your Notes", None),
            ("Price: $5 (new)", None),
            ("https://counterexample.com/a.ipa", None),
            ("com.example.notes", None),
            ("$(PRODUCT_NAME)", Some(("$(PRODUCT_NAME)", Template))),
            ("https://{{ host }}/a.ipa", Some(("{{ host }}", Template))),
            ("${URL}", Some(("${URL}", Template))),
            ("<%= url %>", Some(("<%= url %>", Template))),
            ("https://__HOST__/a.ipa", Some(("__HOST__", Template))),
            ("https://YOUR_SERVER/a.ipa", Some(("YOUR_SERVER", Words))),
            ("com.yourcompany.app", Some(("yourcompany", Words))),
            ("https://yourdomain.test/a.ipa", Some(("yourdomain", Words))),
            ("com.mycompany.app", Some(("mycompany", Words))),
            ("CHANGEME", Some(("CHANGEME", Words))),
            ("change_me", Some(("change_me", Words))),
            ("TODO", Some(("TODO", Words))),
            ("https://www.example.com/image.57x57.png", Some(("www.example.com", ExampleHost))),
            ("https://EXAMPLE.org:8443/a", Some(("EXAMPLE.org", ExampleHost))),
            ("https://h.example/a", Some(("h.example", ExampleHost))),
        ] {
            assert_eq!(mark(text), expected, "{text}");
        }
    }
}
