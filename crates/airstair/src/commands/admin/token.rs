use std::time::Duration;

use catalog::{Actor, PageSize, StoreError, Timestamp, Token, TokenId, TokenReach, TokenScope};
use clap::{Subcommand, ValueEnum};
use distribution::{Administration, NewToken};
use serde::Serialize;

use super::channel::find;
use super::{every, read_name, store_failure};
use crate::cli::Format;
use crate::clock::now;
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::terminal::{self, FAINT, GOOD, STRONG};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a token, and print its secret: the only time it is shown
    Create {
        /// What to call it
        #[arg(long)]
        name: String,
        /// What it may do
        #[arg(long, value_enum, value_name = "SCOPE")]
        scope: Scope,
        /// Reach one channel alone, named by its slug [default: the whole server]
        #[arg(long, value_name = "SLUG")]
        channel: Option<String>,
        /// Refuse it after so many days
        #[arg(long, value_name = "DAYS")]
        expires_in_days: Option<u64>,
    },
    /// Show every token, never a secret
    List,
    /// Refuse a token from now on
    Revoke {
        /// The token's id, as `admin token list` shows it
        id: String,
    },
}

/// What a token may do; each includes the ones before.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Scope {
    /// Look, and change nothing
    Read,
    /// Upload builds and release them: what CI needs
    Publish,
    /// Everything
    Admin,
}

/// A token, as `--json` shows it.
#[derive(Debug, Serialize)]
struct TokenView {
    id: String,
    name: String,
    scope: &'static str,
    reach: String,
    created_at: String,
    expires_at: Option<String>,
    revoked_at: Option<String>,
    last_used_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

pub(super) async fn run(
    administration: &Administration,
    command: &Command,
    format: Format,
) -> Result<Outcome, Failure> {
    match command {
        Command::Create { name, scope, channel, expires_in_days } => {
            let new = NewToken {
                name: read_name(name)?,
                scope: (*scope).into(),
                reach: match channel {
                    Some(slug) => TokenReach::Channel(find(administration, slug).await?.channel.id),
                    None => TokenReach::Everything,
                },
                expires_at: expires_in_days.map(|days| {
                    Timestamp::from(now()).saturating_add(Duration::from_secs(days.saturating_mul(86_400)))
                }),
            };
            create(administration, new, format).await
        }
        Command::List => list(administration, format).await,
        Command::Revoke { id } => revoke(administration, id).await,
    }
}

async fn create(administration: &Administration, new: NewToken, format: Format) -> Result<Outcome, Failure> {
    let created =
        administration.create_token(new, Actor::Operator).await.map_err(|error| store_failure(&error))?;
    match format {
        Format::Json => {
            let secret = Some(created.secret.reveal().to_owned());
            terminal::json(&TokenView { secret, ..TokenView::from(&created.token) });
        }
        // The secret alone, so that a script can take it.
        Format::Text => terminal::line(created.secret.reveal()),
    }
    Ok(Outcome::Fine)
}

async fn list(administration: &Administration, format: Format) -> Result<Outcome, Failure> {
    let tokens = every(async |before| administration.list_tokens(before, PageSize::MAX).await).await?;
    if format == Format::Json {
        terminal::json(&tokens.iter().map(TokenView::from).collect::<Vec<_>>());
        return Ok(Outcome::Fine);
    }
    if tokens.is_empty() {
        terminal::remark("there are no tokens yet; `airstair admin token create` makes one");
    }
    for token in &tokens {
        show(token);
    }
    Ok(Outcome::Fine)
}

fn show(token: &Token) {
    let now = Timestamp::from(now());
    let state = if token.revoked_at.is_some() {
        "revoked"
    } else if token.expires_at.is_some_and(|at| at <= now) {
        "expired"
    } else {
        "live"
    };
    let style = if state == "live" { GOOD } else { FAINT };
    let used = token.last_used_at.map_or_else(|| "never used".to_owned(), |at| format!("last used {at}"));
    terminal::line(format_args!(
        "{STRONG}{}{STRONG:#}  {style}{state}{style:#}  {}  {}",
        terminal::plain(token.name.as_str()),
        token.scope.as_str(),
        reach(token.reach)
    ));
    terminal::line(format_args!("  {FAINT}{}  made {}, {used}{FAINT:#}", token.id, token.created_at));
}

async fn revoke(administration: &Administration, id: &str) -> Result<Outcome, Failure> {
    let unknown = || {
        Failure::bad_answer(format_args!("there is no token {id}"))
            .help("`airstair admin token list` shows their ids")
    };
    let id: TokenId = id.parse().map_err(|_| unknown())?;
    match administration.revoke_token(id, Actor::Operator).await {
        Ok(()) => {
            terminal::remark(format_args!("{GOOD}revoked{GOOD:#} {id}"));
            Ok(Outcome::Fine)
        }
        Err(StoreError::Unknown(_)) => Err(unknown()),
        Err(error) => Err(store_failure(&error)),
    }
}

fn reach(reach: TokenReach) -> String {
    match reach {
        TokenReach::Everything => "everything".to_owned(),
        TokenReach::App(id) => format!("app {id}"),
        TokenReach::Channel(id) => format!("channel {id}"),
    }
}

impl From<Scope> for TokenScope {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Read => Self::Read,
            Scope::Publish => Self::Publish,
            Scope::Admin => Self::Admin,
        }
    }
}

impl From<&Token> for TokenView {
    fn from(token: &Token) -> Self {
        Self {
            id: token.id.to_string(),
            name: token.name.to_string(),
            scope: token.scope.as_str(),
            reach: reach(token.reach),
            created_at: token.created_at.to_string(),
            expires_at: token.expires_at.map(|at| at.to_string()),
            revoked_at: token.revoked_at.map(|at| at.to_string()),
            last_used_at: token.last_used_at.map(|at| at.to_string()),
            secret: None,
        }
    }
}
