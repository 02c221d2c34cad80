use std::fmt;

use super::InstallLink;

macro_rules! rendering {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Eq, Hash, PartialEq)]
        pub struct $name(String);

        impl $name {
            /// The rendering, ready to be pasted in its place.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(rendering: $name) -> Self {
                rendering.0
            }
        }
    };
}

rendering! {
    /// A link as the value of an HTML attribute: what stands between the quotes of `href="…"`.
    HtmlAttribute
}
rendering! {
    /// A link as plain text and for QR codes.
    PlainText
}
rendering! {
    /// A link as a Markdown destination: what stands between the round brackets of `[Install](…)`.
    ///
    /// Many services that show Markdown strip the scheme; share the HTTPS page there instead.
    MarkdownDestination
}
rendering! {
    /// A link as a JavaScript string literal, its quotes included; safe inside a `<script>` element too.
    JavaScriptString
}
rendering! {
    /// A link as a JSON string, its quotes included.
    JsonString
}

// A link is made of unreserved characters, `%`, and `:/?=&` alone. Of these only `&` means something to HTML, and none
// means anything to the others: not even `&` to Markdown, where a character reference needs the `;` that is not there.
impl InstallLink {
    /// For an HTML attribute in quotes: `&` becomes `&amp;`. Never for text outside HTML.
    #[must_use]
    pub fn to_html_attribute(&self) -> HtmlAttribute {
        HtmlAttribute(self.as_str().replace('&', "&amp;"))
    }

    /// For plain text and QR codes: as it is.
    #[must_use]
    pub fn to_plain_text(&self) -> PlainText {
        PlainText(self.as_str().to_owned())
    }

    /// For the destination of a Markdown link: as it is.
    #[must_use]
    pub fn to_markdown_destination(&self) -> MarkdownDestination {
        MarkdownDestination(self.as_str().to_owned())
    }

    /// For JavaScript source: in double quotes, without HTML escaping.
    #[must_use]
    pub fn to_javascript_string(&self) -> JavaScriptString {
        JavaScriptString(format!("\"{self}\""))
    }

    /// For JSON: in double quotes, without HTML escaping.
    #[must_use]
    pub fn to_json_string(&self) -> JsonString {
        JsonString(format!("\"{self}\""))
    }
}
