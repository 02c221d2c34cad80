use std::path::{Path, PathBuf};

use clap::Args;
use reqwest::{Body, StatusCode, Url};
use serde::Deserialize;
use tokio::fs::File;
use tokio_util::io::ReaderStream;
use web::{FindingView, PublishedView};

use crate::ci;
use crate::cli::Format;
use crate::environment;
use crate::failure::Failure;
use crate::findings;
use crate::network;
use crate::obstacle::Obstacle;
use crate::outcome::Outcome;
use crate::progress::Progress;
use crate::terminal::{self, GOOD, STRONG};

/// Upload a package to a server
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The package
    #[arg(value_name = "APP.ipa")]
    package: PathBuf,
    /// The server's address
    #[arg(long, value_name = "URL", env = "AIRSTAIR_SERVER")]
    server: Url,
    /// A token with the scope `publish`
    #[arg(long, value_name = "TOKEN", env = "AIRSTAIR_TOKEN", hide_env_values = true)]
    token: String,
    /// Trust the certificates in this PEM file too
    #[arg(long, value_name = "FILE", env = "AIRSTAIR_CA")]
    ca: Option<PathBuf>,
    /// The channel to release on; made if there is none of this name [default: default]
    #[arg(long, value_name = "NAME")]
    channel: Option<String>,
    /// The address, /i/SLUG, of a channel that this upload makes: lower-case letters, digits and `-` [default: random]
    #[arg(long, value_name = "SLUG")]
    slug: Option<String>,
    /// What is new, in Markdown
    #[arg(long, value_name = "TEXT", conflicts_with = "notes_file")]
    notes: Option<String>,
    /// A file that says what is new, in Markdown
    #[arg(long, value_name = "FILE")]
    notes_file: Option<PathBuf>,
    /// Let this finding pass, by code or name; may be given several times
    #[arg(long, value_name = "CODE")]
    allow: Vec<String>,
    /// Let every finding pass
    #[arg(long)]
    allow_findings: bool,
    /// Agree that this in-house build may be installed by anyone who has the channel's link
    #[arg(long)]
    open_in_house: bool,
    #[command(flatten)]
    provenance: Provenance,
}

/// Where the build comes from; taken from the variables of the CI system where not given
#[derive(Args, Debug)]
#[command(next_help_heading = "Provenance")]
struct Provenance {
    /// The commit it was made from
    #[arg(long, value_name = "SHA")]
    commit: Option<String>,
    /// The branch that commit was on
    #[arg(long, value_name = "NAME")]
    branch: Option<String>,
    /// The pull request it was made for
    #[arg(long, value_name = "NUMBER")]
    pull_request: Option<String>,
    /// The address of the CI run that made it
    #[arg(long, value_name = "URL")]
    ci_url: Option<String>,
    /// A word to find it by; may be given several times
    #[arg(long, value_name = "WORD")]
    tag: Vec<String>,
}

/// What the server says when it did not take the package.
#[derive(Debug, Deserialize)]
struct Refusal {
    error: String,
    message: String,
    #[serde(default)]
    findings: Vec<FindingView>,
}

pub(crate) fn run(arguments: &Arguments, format: Format) -> Result<Outcome, Failure> {
    network::runtime()?.block_on(publish(arguments, format))
}

async fn publish(arguments: &Arguments, format: Format) -> Result<Outcome, Failure> {
    let path = &arguments.package;
    let cannot_read = |error: std::io::Error| {
        Failure::not_done(format_args!("{} can't be read", path.display())).because(&error)
    };
    let file = File::open(path).await.map_err(cannot_read)?;
    let size_bytes = file.metadata().await.map_err(cannot_read)?.len();
    let url = upload_url(arguments)?;
    let client = network::uploading_client(arguments.ca.as_deref())?;
    let progress = Progress::bar(size_bytes, format);
    let counted = progress.clone();
    let body = ReaderStream::with_capacity(file, 256 << 10);
    let body = futures_util::StreamExt::inspect(body, move |piece| {
        if let Ok(piece) = piece {
            counted.advance(piece.len() as u64);
        }
    });
    let request = client
        .put(url)
        .bearer_auth(&arguments.token)
        .header(reqwest::header::CONTENT_LENGTH, size_bytes)
        .body(Body::wrap_stream(body));
    let response = request.send().await;
    progress.finish();
    let answered = async {
        let response = response?;
        Ok((response.status(), response.bytes().await?))
    };
    let (status, answer) = match answered.await {
        Ok(answer) => answer,
        Err(error) => return Err(unreachable(&arguments.server, error).await),
    };
    if status.is_success() {
        let published = serde_json::from_slice(&answer).map_err(|error| {
            Failure::not_done("the server's answer is not one of an Airstair server").because(&error)
        })?;
        show(&published, format);
        return Ok(Outcome::Fine);
    }
    refused(status, &answer, format)
}

fn upload_url(arguments: &Arguments) -> Result<Url, Failure> {
    let mut url = arguments.server.join("/api/v1/builds").map_err(|error| {
        Failure::usage(format_args!("{} is no server's address", arguments.server)).because(&error)
    })?;
    let notes = match &arguments.notes_file {
        Some(file) => Some(read_notes(file)?),
        None => arguments.notes.clone(),
    };
    let origin = ci::origin(&environment::variable);
    let given = &arguments.provenance;
    let mut query = url.query_pairs_mut();
    for (name, value) in [
        ("channel", arguments.channel.clone()),
        ("slug", arguments.slug.clone()),
        ("notes", notes),
        ("commit", given.commit.clone().or(origin.commit)),
        ("branch", given.branch.clone().or(origin.branch)),
        ("pull_request", given.pull_request.clone().or(origin.pull_request)),
        ("ci_url", given.ci_url.clone().or(origin.ci_url)),
    ] {
        if let Some(value) = value {
            query.append_pair(name, &value);
        }
    }
    for tag in given.tag.iter().chain(&origin.tag) {
        query.append_pair("tag", tag);
    }
    if arguments.allow_findings {
        query.append_pair("allow", "all");
    } else {
        query.extend_pairs(arguments.allow.iter().map(|code| ("allow", code)));
    }
    if arguments.open_in_house {
        query.append_pair("open_in_house", "agreed");
    }
    drop(query);
    Ok(url)
}

fn read_notes(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file)
        .map_err(|error| Failure::not_done(format_args!("{} can't be read", file.display())).because(&error))
}

async fn unreachable(server: &Url, error: reqwest::Error) -> Failure {
    let obstacle = Obstacle::find(&error, server).await;
    Failure::not_done(format_args!("the package did not get to {server}: {}", obstacle.sentence()))
        // The address holds the notes.
        .because(&error.without_url())
        .help(obstacle.help())
}

fn refused(status: StatusCode, answer: &[u8], format: Format) -> Result<Outcome, Failure> {
    let Ok(refusal) = serde_json::from_slice::<Refusal>(answer) else {
        return Err(Failure::not_done(format_args!(
            "the server answered {status}, and not as an Airstair server does"
        ))
        .help("check the address: is there another server, or a proxy that limits uploads?"));
    };
    if format == Format::Text {
        show_findings(&refusal.findings);
    }
    let failure = if status.is_server_error() {
        Failure::not_done(&refusal.message)
    } else {
        Failure::bad_answer(&refusal.message)
    };
    let failure = failure.findings(refusal.findings);
    Err(match &*refusal.error {
        "refused" => failure.help("mend it, or let it pass with --allow CODE"),
        "in-house-on-open-channel" => {
            failure.help("if you mean it, say --open-in-house once; a leaked link can cost the certificate")
        }
        "not-allowed" => failure.help("make a token with `airstair admin token create --scope publish`"),
        _ => failure,
    })
}

fn show(published: &PublishedView, format: Format) {
    if format == Format::Json {
        return terminal::json(published);
    }
    show_findings(&published.findings);
    if !published.server_findings.is_empty() {
        terminal::remark(format_args!("{STRONG}The server itself:{STRONG:#}"));
        show_findings(&published.server_findings);
    }
    let what = match &*published.outcome {
        "new-build" => "published",
        "released-again" => "released again",
        _ => "nothing new",
    };
    let name = terminal::plain(&published.app.name);
    let (version, number) = (&published.build.version, &published.build.build_number);
    let channel = terminal::plain(&published.channel.name);
    terminal::line(format_args!(
        "{GOOD}{what}{GOOD:#}  {STRONG}{name}{STRONG:#} {} ({}) on {channel}",
        terminal::plain(version),
        terminal::plain(number)
    ));
    terminal::line(&published.page_url);
}

fn show_findings(findings: &[FindingView]) {
    findings::show(findings, |row| terminal::remark(row));
}
