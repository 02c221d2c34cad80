use std::collections::BTreeSet;
use std::fmt::Write;

use clap::builder::PossibleValue;
use clap::{Arg, Args, Command};

use super::{MADE, compare, split_note};
use crate::settings::{Given, Settings, SettingsView};

const EXAMPLE: &str = include_str!("../../../../packaging/airstair.toml");

const HEAD: &str = "\
# Settings

What the owner of a server decides. Each can be given in three places; the later ones win:

1. the settings file: `airstair.toml` in the folder where `airstair serve` is started, or the file named with
   `--config FILE` or `AIRSTAIR_CONFIG`,
2. a variable of the environment,
3. a flag of `airstair serve`.

`airstair serve --check` with the same file, variables and flags names every fault at once, or prints the settings in
force. A name that is not in this list is a fault. Relative paths start where the server is started.
";

const TAIL: &str = "
## Beside the settings

| variable | of | meaning |
| --- | --- | --- |
| `AIRSTAIR_CONFIG` | `serve`, `admin` | the settings file |
| `AIRSTAIR_LOG` | `serve`, `share` | what is said on standard error: `error`, `warn` (the default), `info`, `debug`, or by part: `warn,web=debug`. No level shows a path of a request, since links are secrets |
| `AIRSTAIR_SERVER`, `AIRSTAIR_TOKEN`, `AIRSTAIR_CA` | `publish` | see [publish](commands.md#airstair-publish) |
| `NO_COLOR` | all | no colours |

`airstair admin` reads the same file and the same variables; its flags are `--config` and `--data`.
";

fn settings() -> Vec<Arg> {
    let mut command = Given::augment_args(Command::new("settings").disable_help_flag(true));
    command.build();
    command.get_arguments().cloned().collect()
}

#[test]
fn the_page_of_settings_is_what_the_server_takes() {
    let mut page = format!("{MADE}{HEAD}");
    for arg in settings() {
        write_setting(&mut page, &arg);
    }
    write!(page, "\n## Example\n\n```toml\n{EXAMPLE}```\n{TAIL}").unwrap();
    compare("reference/settings.md", &page);
}

#[test]
fn the_example_names_every_setting_and_is_taken_as_it_is() {
    // What belongs to another choice than the example's is named in a comment.
    let lines = EXAMPLE.lines().map(|line| line.trim_start_matches("# "));
    let assigned = lines.filter_map(|line| Some(line.split_once(" = ")?.0.to_owned()));
    let named: BTreeSet<_> = assigned.filter(|name| !name.contains(' ')).collect();
    let all: BTreeSet<_> = settings().iter().map(|arg| arg.get_id().to_string()).collect();
    assert_eq!(named, all);
    let given: Given = toml::from_str(EXAMPLE).unwrap();
    given.resolve().unwrap();
}

#[test]
fn the_defaults_that_are_told_are_those_in_force() {
    let given: Given = toml::from_str("public_url = \"https://apps.example.com\"").unwrap();
    let settings: Settings = given.resolve().unwrap();
    let in_force = serde_json::to_value(SettingsView::from(&settings)).unwrap();
    for arg in self::settings() {
        let name = arg.get_id().as_str();
        let told = match default(&arg).as_deref() {
            // What the data directory gives is found out when that is opened.
            None | Some("none" | "DATA/secret.key") => continue,
            Some(told) => told.to_owned(),
        };
        let value = &in_force[name];
        assert_eq!(told, value.as_str().map_or_else(|| value.to_string(), str::to_owned), "{name}");
    }
}

fn write_setting(page: &mut String, arg: &Arg) {
    let name = arg.get_id();
    let (meaning, _) = split_note(&help(arg));
    let flag = arg.to_string();
    let variable = arg.get_env().expect("every setting has a variable").to_string_lossy().into_owned();
    let default = match default(arg).as_deref() {
        None => "none: it must be set".to_owned(),
        Some("none") => "none".to_owned(),
        Some(value) => format!("`{value}`"),
    };
    write!(page, "\n## {name}\n\n{meaning}\n\n- Variable: `{variable}`\n- Flag: `{flag}`\n").unwrap();
    // What `true` means is what the setting means.
    let is_explained = |value: &PossibleValue| !matches!(value.get_name(), "true" | "false");
    let values: Vec<_> = arg.get_possible_values().into_iter().filter(is_explained).collect();
    writeln!(page, "- Value: {}", if values.is_empty() { kind(arg) } else { "one of" }).unwrap();
    for value in values {
        let meaning = value.get_help().expect("every value says what it means").to_string();
        writeln!(page, "  - `{}`: {}", value.get_name(), split_note(&meaning).0).unwrap();
    }
    writeln!(page, "- Default: {default}").unwrap();
}

/// What the value is, in the file and elsewhere.
fn kind(arg: &Arg) -> &'static str {
    let name = arg.get_value_names().and_then(|names| names.first()).map_or("", |name| name.as_str());
    match name {
        "ADDRESS:PORT" => "text, an IP address and a port",
        "BOOLEAN" => "`true` or `false`",
        "BYTES" => "a whole number, of bytes",
        "SECONDS" => "a whole number, of seconds",
        "DIR" => "text, the path of a folder",
        "FILE" => "text, the path of a file",
        "ID" | "KEYS" | "NAME" | "SECRET" | "WHERE" | "WHO" => "text",
        "DATABASE" => "text, the address of a PostgreSQL database",
        "ENDPOINT" => "text, an http or https address",
        "URL" => "text, an https address",
        other => panic!("say what a {other} is"),
    }
}

/// What --help says is taken where nothing is given; `None` where something must be.
fn default(arg: &Arg) -> Option<String> {
    let help = help(arg);
    let (_, note) = split_note(&help);
    let note = note.unwrap_or_else(|| panic!("--help does not tell the default of {}", arg.get_id()));
    (note != "must be set").then(|| note.trim_start_matches("default: ").to_owned())
}

fn help(arg: &Arg) -> String {
    arg.get_help().expect("every setting says what it means").to_string()
}
