use catalog::{Actor, App, Channel, ChannelPage, PageSize, Slug};
use clap::Subcommand;
use distribution::{Administration, ChannelError, NewChannel, OpenInHouse};
use serde::Serialize;

use super::{every, read_name, store_failure};
use crate::cli::Format;
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::terminal::{self, FAINT, GOOD, STRONG};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Open a channel of an app
    Create {
        /// The app's bundle identifier, as its first upload brought it
        #[arg(long, value_name = "IDENTIFIER")]
        app: String,
        /// What to call it
        #[arg(long)]
        name: String,
        /// Its address, /i/SLUG: lower-case letters, digits and `-` [default: random]
        #[arg(long)]
        slug: Option<String>,
        /// Agree that in-house builds on it may be installed by anyone who has its link
        #[arg(long)]
        open_in_house: bool,
    },
    /// Show every channel
    List,
    /// Show a channel and what is current on it
    Show {
        /// Its address: the part of its page's address behind /i/
        slug: String,
    },
    /// Close a channel: its page says so, and its links start nothing more
    Delete {
        /// Its address: the part of its page's address behind /i/
        slug: String,
    },
}

/// A channel, as `--json` shows it.
#[derive(Debug, Serialize)]
struct ChannelView {
    id: String,
    app: String,
    name: String,
    slug: String,
    page_path: String,
    access: &'static str,
    visibility: &'static str,
    created_at: String,
    closed_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    current: Option<CurrentView>,
}

/// What is current on a channel.
#[derive(Debug, Serialize)]
struct CurrentView {
    build: String,
    version: String,
    build_number: String,
    released_at: String,
}

pub(super) async fn run(
    administration: &Administration,
    command: &Command,
    format: Format,
) -> Result<Outcome, Failure> {
    match command {
        Command::Create { app, name, slug, open_in_house } => {
            let new = NewChannel {
                name: read_name(name)?,
                slug: slug.as_deref().map(read_slug).transpose()?,
                open_in_house: if *open_in_house { OpenInHouse::Agreed } else { OpenInHouse::NotSaid },
            };
            create(administration, app, new, format).await
        }
        Command::List => list(administration, format).await,
        Command::Show { slug } => {
            let page = find(administration, slug).await?;
            let current =
                administration.current(page.channel.id).await.map_err(|error| store_failure(&error))?;
            show(&page.app, &page.channel, current.as_ref().map(CurrentView::from), format);
            Ok(Outcome::Fine)
        }
        Command::Delete { slug } => {
            let channel = find(administration, slug).await?.channel;
            let closed = administration.close_channel(channel.id, Actor::Operator).await;
            closed.map_err(|error| store_failure(&error))?;
            terminal::remark(format_args!("{GOOD}closed{GOOD:#} {}", terminal::plain(channel.name.as_str())));
            Ok(Outcome::Fine)
        }
    }
}

/// The channel at this address.
pub(super) async fn find(administration: &Administration, slug: &str) -> Result<ChannelPage, Failure> {
    let found =
        administration.find_channel(&read_slug(slug)?).await.map_err(|error| store_failure(&error))?;
    found.ok_or_else(|| {
        Failure::bad_answer(format_args!("there is no channel {slug}"))
            .help("`airstair admin channel list` shows them")
    })
}

async fn create(
    administration: &Administration,
    bundle_id: &str,
    new: NewChannel,
    format: Format,
) -> Result<Outcome, Failure> {
    let apps = apps(administration).await?;
    let app = apps.iter().find(|app| app.bundle_id.as_str() == bundle_id).ok_or_else(|| {
        Failure::bad_answer(format_args!("there is no app {bundle_id}"))
            .help("an app is made by its first upload: `airstair publish APP.ipa`")
    })?;
    match administration.create_channel(app, new, Actor::Operator).await {
        Ok(channel) => {
            show(app, &channel, None, format);
            Ok(Outcome::Fine)
        }
        Err(ChannelError::Store(error)) => Err(store_failure(&error)),
        Err(error) => Err(Failure::bad_answer(error)),
    }
}

async fn list(administration: &Administration, format: Format) -> Result<Outcome, Failure> {
    let mut views = Vec::new();
    for app in apps(administration).await? {
        let channels =
            every(async |after| administration.list_channels(&app, after.as_ref(), PageSize::MAX).await)
                .await?;
        views.extend(channels.iter().map(|channel| ChannelView::new(&app, channel, None)));
    }
    match format {
        Format::Json => terminal::json(&views),
        Format::Text if views.is_empty() => {
            terminal::remark("there are no channels yet; the first `airstair publish` makes one");
        }
        Format::Text => views.iter().for_each(line),
    }
    Ok(Outcome::Fine)
}

async fn apps(administration: &Administration) -> Result<Vec<App>, Failure> {
    every(async |after| administration.list_apps(after.as_ref(), PageSize::MAX).await).await
}

fn show(app: &App, channel: &Channel, current: Option<CurrentView>, format: Format) {
    let view = ChannelView::new(app, channel, current);
    match format {
        Format::Json => terminal::json(&view),
        Format::Text => line(&view),
    }
}

fn line(view: &ChannelView) {
    let state = if view.closed_at.is_some() { "closed" } else { view.access };
    terminal::line(format_args!(
        "{STRONG}{}{STRONG:#}  {}  {state}  {}",
        terminal::plain(&view.name),
        terminal::plain(&view.app),
        view.page_path
    ));
    if let Some(current) = &view.current {
        terminal::line(format_args!(
            "  {FAINT}current{FAINT:#} {} ({}) {FAINT}since {}{FAINT:#}",
            terminal::plain(&current.version),
            terminal::plain(&current.build_number),
            current.released_at
        ));
    }
}

fn read_slug(text: &str) -> Result<Slug, Failure> {
    text.parse().map_err(|error| {
        Failure::usage(format_args!("{text:?} is no channel's address"))
            .because(&error)
            .help("give what its page's address has behind /i/: lower-case letters, digits and `-`")
    })
}

impl ChannelView {
    fn new(app: &App, channel: &Channel, current: Option<CurrentView>) -> Self {
        Self {
            id: channel.id.to_string(),
            app: app.bundle_id.to_string(),
            name: channel.name.to_string(),
            slug: channel.slug.to_string(),
            page_path: format!("/i/{}", channel.slug),
            access: channel.access.as_str(),
            visibility: channel.visibility.as_str(),
            created_at: channel.created_at.to_string(),
            closed_at: channel.closed_at.map(|at| at.to_string()),
            current,
        }
    }
}

impl From<&catalog::ReleasedBuild> for CurrentView {
    fn from(current: &catalog::ReleasedBuild) -> Self {
        Self {
            build: current.build.id.to_string(),
            version: current.build.version.to_string(),
            build_number: current.build.build_number.to_string(),
            released_at: current.release.released_at.to_string(),
        }
    }
}
