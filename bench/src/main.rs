#![doc = include_str!("../README.md")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it talks to the person at the terminal")]
#![expect(clippy::cast_precision_loss, reason = "figures are shown with three digits")]

mod client;
mod cores;
mod h2load;
mod machine;
mod pairing;
mod place;
mod process;
mod report;
mod sample;
mod scale;
mod stage;
mod storage;
mod subjects;
mod unit;

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use time::UtcDateTime;

use place::Place;
use report::Chapter;
use scale::Scale;
use subjects::Subject;

const REPORT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/benchmarks.md");

/// Measures the release binary beside its rivals.
///
/// All subjects at full scale make the report, `docs/benchmarks.md`; anything less goes to the terminal.
#[derive(Parser)]
#[command(name = "cargo xtask bench")]
struct Arguments {
    /// What to measure [default: all]
    subjects: Vec<Subject>,
    /// Small and once: to see that the bench works; its figures mean nothing
    #[arg(long)]
    trial: bool,
    /// Be storage of the S3 protocol, for another process of this program
    #[arg(long = storage::FLAG, hide = true)]
    serve_storage: bool,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    if arguments.serve_storage {
        storage::serve()?;
        return Ok(ExitCode::SUCCESS);
    }
    let scale = if arguments.trial { Scale::TRIAL } else { Scale::FULL };
    let place = Place::new(scale)?;
    allow_many_connections()?;
    let all = arguments.subjects.is_empty();
    let subjects = if all { Subject::value_variants() } else { &arguments.subjects };
    let mut chapters = Vec::new();
    for subject in subjects {
        eprintln!("measuring: {subject:?}");
        let chapter = subject.measure(&place).with_context(|| format!("{subject:?} was not measured"))?;
        println!("\n{}", chapter.markdown());
        chapters.push(chapter);
    }
    if all && scale.is_full() {
        fs::write(REPORT, report(&place, &chapters))?;
        eprintln!("wrote docs/benchmarks.md");
    }
    let missed: Vec<_> = chapters.iter().flat_map(Chapter::missed).collect();
    for what in &missed {
        eprintln!("missed: {what}");
    }
    let fine = missed.is_empty() || arguments.trial;
    Ok(if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A client and a server each have a descriptor for every connection; servers that are started from here inherit this.
fn allow_many_connections() -> Result<()> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    Ok(setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?)
}

fn report(place: &Place, chapters: &[Chapter]) -> String {
    #[expect(clippy::disallowed_methods, reason = "a report says when it was made")]
    let today = UtcDateTime::now().date();
    let mut text = format!(
        "# Benchmarks\n\n\
         Written by `cargo xtask bench` on {today}; don't edit.\n\n\
         {machine}\n\
         Whatever is measured runs on the first core, who asks it to work on the second. Every figure is the median of \
         {runs} runs with the least and the most in parentheses. Airstair and its rival take turns; a ratio is the \
         median of the ratios of runs that followed each other, Airstair's figure over the rival's.\n",
        machine = machine::describe(place),
        runs = place.scale.runs,
    );
    for chapter in chapters {
        text.push('\n');
        text.push_str(&chapter.markdown());
    }
    text
}
