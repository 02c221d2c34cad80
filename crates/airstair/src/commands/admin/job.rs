use catalog::{Actor, Job, JobId, PageSize, StoreError, Timestamp};
use clap::Subcommand;
use distribution::Administration;
use serde::Serialize;

use super::{every, store_failure};
use crate::cli::Format;
use crate::clock::now;
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::terminal::{self, BAD, FAINT, GOOD, STRONG};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show the jobs that failed too often and were given up, then those that wait
    List,
    /// Try a job again that was given up
    Retry {
        /// Its id, as `list` shows it
        id: String,
    },
}

/// A job, as `--json` shows it.
#[derive(Debug, Serialize)]
struct JobView<'a> {
    id: String,
    kind: &'a str,
    subject: &'a str,
    state: State,
    created_at: String,
    due_at: String,
    tries: u32,
    last_error: Option<&'a str>,
    given_up_at: Option<String>,
}

/// How a job stands.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    GivenUp,
    Running,
    Waiting,
}

pub(super) async fn run(
    administration: &Administration,
    command: &Command,
    format: Format,
) -> Result<Outcome, Failure> {
    match command {
        Command::List => list(administration, format).await,
        Command::Retry { id } => retry(administration, id).await,
    }
}

async fn list(administration: &Administration, format: Format) -> Result<Outcome, Failure> {
    let mut jobs =
        every(async |before| administration.list_given_up_jobs(before, PageSize::MAX).await).await?;
    jobs.extend(every(async |after| administration.list_waiting_jobs(after, PageSize::MAX).await).await?);
    if format == Format::Json {
        terminal::json(&jobs.iter().map(JobView::from).collect::<Vec<_>>());
        return Ok(Outcome::Fine);
    }
    if jobs.is_empty() {
        terminal::remark("there are no jobs; a server that runs adds its own");
    }
    for job in &jobs {
        show(job);
    }
    Ok(Outcome::Fine)
}

fn show(job: &Job) {
    let (style, said) = match State::of(job) {
        State::GivenUp => (BAD, "given up".to_owned()),
        State::Running => (GOOD, "running".to_owned()),
        State::Waiting => (FAINT, format!("due {}", job.due_at)),
    };
    terminal::line(format_args!(
        "{STRONG}{}{STRONG:#} {}  {style}{said}{style:#}",
        job.kind,
        terminal::plain(&job.subject)
    ));
    terminal::line(format_args!("  {FAINT}{}  begun {} times{FAINT:#}", job.id, job.tries));
    if let Some(error) = &job.last_error {
        terminal::line(format_args!("  {BAD}failed:{BAD:#} {}", terminal::plain(error)));
    }
}

async fn retry(administration: &Administration, id: &str) -> Result<Outcome, Failure> {
    let unknown = || {
        Failure::bad_answer(format_args!("no job {id} was given up"))
            .help("`airstair admin job list` shows their ids")
    };
    let id: JobId = id.parse().map_err(|_| unknown())?;
    match administration.retry_job(id, Actor::Operator).await {
        Ok(()) => {
            terminal::remark(format_args!("{GOOD}due{GOOD:#} a running server begins it in a few seconds"));
            Ok(Outcome::Fine)
        }
        Err(StoreError::Unknown(_)) => Err(unknown()),
        Err(StoreError::Conflict(_)) => Err(Failure::bad_answer(
            "another job for the same thing waits already, and does what this one would",
        )),
        Err(error) => Err(store_failure(&error)),
    }
}

impl State {
    fn of(job: &Job) -> Self {
        if job.given_up_at.is_some() {
            Self::GivenUp
        } else if job.lease.is_some() && job.due_at > Timestamp::from(now()) {
            Self::Running
        } else {
            Self::Waiting
        }
    }
}

impl<'a> From<&'a Job> for JobView<'a> {
    fn from(job: &'a Job) -> Self {
        Self {
            id: job.id.to_string(),
            kind: job.kind.as_str(),
            subject: &job.subject,
            state: State::of(job),
            created_at: job.created_at.to_string(),
            due_at: job.due_at.to_string(),
            tries: job.tries,
            last_error: job.last_error.as_deref(),
            given_up_at: job.given_up_at.map(|at| at.to_string()),
        }
    }
}
