mod decode;
mod qr;
mod shell_cut;

use clap::{Args, ValueEnum};
use itms_services::{Error, InstallLink, LinkFault};
use serde::Serialize;

use crate::cli::Format;
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::terminal;

/// Make an install link, or say what a device makes of one
///
/// URL is the address of a manifest. Put it in single quotes: a shell cuts it at an `&`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  airstair link 'https://apps.example.com/manifest.plist?build=7&key=b2'
  airstair link --format html 'https://apps.example.com/manifest.plist'
  airstair link --decode 'itms-services://?action=download-manifest&url=…'
  curl -s https://apps.example.com/ | airstair link --decode

Exit codes: 0 fine, 1 a device would not install from the link, 2 the URL can't be in a link")]
pub(crate) struct Arguments {
    /// The manifest's address; with --decode the link, where `-` or nothing reads links out of standard input
    #[arg(value_name = "URL|LINK")]
    text: Option<String>,
    /// What a shell left over of a URL that was not quoted.
    #[arg(hide = true)]
    rest: Vec<String>,
    /// The form of the link to print
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    format: Form,
    /// Explain a link: what a device does with it, and every fault in it
    #[arg(long, conflicts_with = "format")]
    decode: bool,
    /// With --decode: LINK comes from the source of an HTML page, where `&amp;` means `&`
    #[arg(long, requires = "decode")]
    html: bool,
}

/// Where a link is to be pasted.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Form {
    /// As it is: for messages, for redirects
    #[default]
    Text,
    /// For an HTML attribute: what stands between the quotes of `href="…"`
    Html,
    /// For Markdown: what stands between the round brackets of `[Install](…)`
    Markdown,
    /// A JavaScript string, with its quotes
    Javascript,
    /// A JSON string, with its quotes
    JsonString,
    /// A QR code
    Qr,
}

/// The answer of `airstair link URL --json`.
#[derive(Serialize)]
struct Answer {
    link: String,
    manifest_url: String,
    html: String,
    markdown: String,
    javascript: String,
    json_string: String,
    warnings: Vec<Warning>,
}

#[derive(Serialize)]
struct Warning {
    name: &'static str,
    message: String,
    help: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, format: Format) -> Result<Outcome, Failure> {
    if arguments.decode {
        return decode::run(arguments.text.as_deref(), &arguments.rest, arguments.html, format);
    }
    let Some(url) = &arguments.text else {
        return Err(Failure::usage("no manifest's address was given")
            .help("airstair link 'https://apps.example.com/manifest.plist'"));
    };
    let link = InstallLink::new(url).map_err(|error| unusable(url, &error))?;
    let mut warnings = shell_cut::warnings(url, &arguments.rest);
    warnings.extend(InstallLink::parse(link.as_str()).faults().iter().map(warning));
    for warning in &warnings {
        terminal::warning(&warning.message, warning.help.as_deref());
    }
    match format {
        Format::Json => terminal::json(&Answer {
            link: link.to_string(),
            manifest_url: link.manifest_url().to_owned(),
            html: link.to_html_attribute().into(),
            markdown: link.to_markdown_destination().into(),
            javascript: link.to_javascript_string().into(),
            json_string: link.to_json_string().into(),
            warnings,
        }),
        Format::Text => print(&link, arguments.format)?,
    }
    Ok(Outcome::Fine)
}

fn print(link: &InstallLink, form: Form) -> Result<(), Failure> {
    match form {
        Form::Text => terminal::line(link.to_plain_text()),
        Form::Html => terminal::line(link.to_html_attribute()),
        Form::Markdown => terminal::line(link.to_markdown_destination()),
        Form::Javascript => terminal::line(link.to_javascript_string()),
        Form::JsonString => terminal::line(link.to_json_string()),
        Form::Qr => qr::print(link.as_str())?,
    }
    Ok(())
}

fn unusable(url: &str, error: &Error) -> Failure {
    let failure = Failure::usage("this can't be the manifest's address in an install link").because(error);
    if url.trim_start().starts_with("itms-services:") {
        return failure.help("this is an install link already: `airstair link --decode LINK` explains it");
    }
    match error {
        Error::UrlNotHttps { .. } => {
            failure.help("serve the manifest over https; devices refuse anything else (error 852)")
        }
        Error::UrlNotAbsolute { .. } => {
            failure.help("give the whole address: 'https://apps.example.com/manifest.plist'")
        }
        _ => failure
            .help("give an address of the form 'https://apps.example.com/manifest.plist', in single quotes"),
    }
}

fn warning(fault: &LinkFault) -> Warning {
    let help = match fault {
        LinkFault::SecretInQuery { .. } => {
            Some("put the token into the path: queries get lost and logged".to_owned())
        }
        LinkFault::ManifestHostIsTheDevice { .. } => {
            Some("give the address under which the device reaches the server".to_owned())
        }
        _ => None,
    };
    Warning { name: fault.name(), message: fault.to_string(), help }
}
