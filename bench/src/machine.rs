use std::fs;
use std::path::Path;
use std::process::Command;

use rustix::system::uname;

use crate::place::Place;

/// Where the figures were made and with what, as a list.
pub(crate) fn describe(place: &Place) -> String {
    let cpu = field("/proc/cpuinfo", "model name").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory: u64 = field("/proc/meminfo", "MemTotal")
        .and_then(|text| text.split(' ').next()?.parse().ok())
        .unwrap_or_default();
    let kernel = uname();
    let said = |program: &str, words: &[&str]| last_line(Command::new(program).args(words));
    let disk = last_line(Command::new("df").args(["--output=fstype"]).arg(&place.airstair).arg("--no-sync"));
    let lines = [
        format!("machine: {cores} cores of {cpu}, {:.0} GiB of memory", memory as f64 / f64::from(1 << 20)),
        format!("kernel: {} {}", kernel.sysname().to_string_lossy(), kernel.release().to_string_lossy()),
        format!("file system: {disk}"),
        format!(
            "Airstair: {}, commit {}, release build",
            last_line(Command::new(&place.airstair).arg("--version")),
            said("git", &["rev-parse", "--short=12", "HEAD"])
        ),
        format!(
            "beside it: {}, {}, Node {}",
            nginx(),
            said("h2load", &["--version"]),
            said("node", &["--version"])
        ),
    ];
    lines.map(|line| format!("- {line}\n")).concat()
}

fn field(file: impl AsRef<Path>, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let value = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(value.trim_start_matches([' ', '\t', ':']).to_owned())
}

/// nginx tells its version on standard error.
fn nginx() -> String {
    let output = Command::new("nginx").arg("-v").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stderr).into_owned()).unwrap_or_default();
    text.trim().trim_start_matches("nginx version: ").to_owned()
}

/// The last line that is not empty of what a command says; nothing when it can't be run.
fn last_line(command: &mut Command) -> String {
    let output = command.output().map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&output).lines().last().unwrap_or_default().trim().to_owned()
}
