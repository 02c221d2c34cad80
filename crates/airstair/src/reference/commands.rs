use std::fmt::Write;

use clap::builder::PossibleValue;
use clap::{Arg, Command};

use super::{MADE, compare, split_note};
use crate::cli;

const HEAD: &str = "\
# Commands

What `airstair COMMAND --help` says, in one page. Every command also takes `--json` (answer in JSON on standard output;
the fields are described in [docs/json](../json)), `--help` and `--version`. Standard output carries the answer, standard
error everything else. Colours vanish when the output is no terminal, or with `NO_COLOR=1` in the environment.
";

#[test]
fn the_page_of_commands_is_what_the_command_line_says() {
    let root = cli::every_command();
    let mut page = format!("{MADE}{HEAD}\n");
    write_extra(&mut page, &root);
    for command in cli::and_below(&root).into_iter().skip(1) {
        write_command(&mut page, command);
    }
    compare("reference/commands.md", &page.replace("\n\n\n", "\n\n"));
}

fn write_command(page: &mut String, command: &Command) {
    let name = command.get_bin_name().expect("a built command has its whole name");
    let about = command.get_long_about().or(command.get_about()).expect("every command says what it does");
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    write!(page, "\n## {name}\n\n{}\n\n    {usage}\n\n", paragraphs(&about.to_string())).unwrap();

    let own =
        |arg: &&Arg| !arg.is_hide_set() && !["json", "help", "version"].contains(&arg.get_id().as_str());
    let mut arguments: Vec<_> = command.get_arguments().filter(own).collect();
    // The order of --help: arguments by place, then options, then those under a heading of their own.
    arguments.sort_by_key(|arg| (!arg.is_positional(), arg.get_help_heading()));
    let mut heading = None;
    for arg in arguments {
        if arg.get_help_heading() != heading {
            heading = arg.get_help_heading();
            write!(page, "\n{}:\n\n", heading.expect("what has no heading comes first")).unwrap();
        }
        write_argument(page, arg);
    }
    page.push('\n');
    write_extra(page, command);
}

fn paragraphs(about: &str) -> String {
    about.split("\n\n").map(|paragraph| split_note(paragraph).0).collect::<Vec<_>>().join("\n\n")
}

fn write_argument(page: &mut String, arg: &Arg) {
    let help = arg.get_long_help().or(arg.get_help()).expect("every option says what it does").to_string();
    let (meaning, note) = split_note(&help);
    write!(page, "- `{}`: {meaning}", words(arg)).unwrap();
    let default =
        arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect::<Vec<_>>().join(" ");
    if let Some(note) = note {
        write!(page, " [{note}]").unwrap();
    } else if !default.is_empty() && !arg.is_hide_default_value_set() && arg.get_action().takes_values() {
        write!(page, " [default: {default}]").unwrap();
    }
    if let Some(variable) = arg.get_env() {
        write!(page, " Variable: `{}`.", variable.to_string_lossy()).unwrap();
    }
    page.push('\n');
    if arg.get_action().takes_values() {
        arg.get_possible_values().iter().for_each(|value| write_value(page, value));
    }
}

/// How an option is written: `-o, --output <DIR>`.
fn words(arg: &Arg) -> String {
    let short = arg.get_short().map(|short| format!("-{short}, ")).unwrap_or_default();
    format!("{short}{}", arg.to_string().trim_end_matches("..."))
}

fn write_value(page: &mut String, value: &PossibleValue) {
    match value.get_help() {
        Some(help) => writeln!(page, "  - `{}`: {}", value.get_name(), split_note(&help.to_string()).0),
        None => writeln!(page, "  - `{}`", value.get_name()),
    }
    .unwrap();
}

/// Examples and exit codes: what is indented in --help stays as it is, the rest is text.
fn write_extra(page: &mut String, command: &Command) {
    let Some(extra) = command.get_after_help() else { return };
    let mut was_indented = false;
    for line in extra.to_string().lines() {
        let is_indented = line.starts_with("  ");
        if is_indented != was_indented {
            page.push('\n');
        }
        was_indented = is_indented;
        let indent = if is_indented { "  " } else { "" };
        writeln!(page, "{indent}{line}").unwrap();
    }
}
