use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use rustix::param::clock_ticks_per_second;

use crate::cores::{Core, on};

/// What the kernel knows about a process that runs.
pub(crate) struct Meter {
    proc: PathBuf,
}

impl Meter {
    pub(crate) fn of(id: u32) -> Self {
        Self { proc: format!("/proc/{id}").into() }
    }

    /// Memory it holds now (`VmRSS`).
    pub(crate) fn resident_bytes(&self) -> Result<f64> {
        Ok(self.status("VmRSS:")? * 1024.0)
    }

    /// The most memory it ever held (`VmHWM`).
    pub(crate) fn peak_bytes(&self) -> Result<f64> {
        Ok(self.status("VmHWM:")? * 1024.0)
    }

    pub(crate) fn threads(&self) -> Result<f64> {
        self.status("Threads:")
    }

    /// Time on a processor, its own and the kernel's for it.
    pub(crate) fn cpu_seconds(&self) -> Result<f64> {
        let stat = fs::read_to_string(self.proc.join("stat"))?;
        // The name in parentheses may hold anything; `utime` and `stime` are the 12th and 13th field behind it.
        let (_, fields) = stat.rsplit_once(')').context("the kernel names the process")?;
        let ticks: Vec<f64> =
            fields.split_whitespace().skip(11).take(2).map(str::parse).collect::<Result<_, _>>()?;
        Ok(ticks.iter().sum::<f64>() / clock_ticks_per_second() as f64)
    }

    fn status(&self, field: &str) -> Result<f64> {
        let status = fs::read_to_string(self.proc.join("status"))?;
        let value = status.lines().find_map(|line| line.strip_prefix(field));
        let number = value.and_then(|value| value.split_whitespace().next());
        Ok(number.with_context(|| format!("the kernel tells no {field}"))?.parse()?)
    }
}

/// A command that ran to its end, and ended well.
pub(crate) struct Ran {
    pub(crate) seconds: f64,
    pub(crate) stdout: String,
}

/// Runs a command on the server's core.
pub(crate) fn run<S: AsRef<OsStr> + Sync>(words: &[S]) -> Result<Ran> {
    on(Core::Server, || run_on_all_cores(words))
}

/// Runs a command on whatever core is free.
pub(crate) fn run_on_all_cores<S: AsRef<OsStr>>(words: &[S]) -> Result<Ran> {
    let (program, arguments) = words.split_first().context("a command has a name")?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null());
    let began = Instant::now();
    let output = command.output();
    let seconds = began.elapsed().as_secs_f64();
    let program = command.get_program().display();
    let output = output.with_context(|| format!("{program} can't be run"))?;
    ensure!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(Ran { seconds, stdout: String::from_utf8_lossy(&output.stdout).into_owned() })
}

/// The most memory a command held that is run for this alone, since GNU time takes some time of its own.
pub(crate) fn peak_bytes(words: &[&OsStr]) -> Result<f64> {
    let report = tempfile::NamedTempFile::new()?;
    let time = ["time".as_ref(), "--quiet".as_ref(), "--format=%M".as_ref(), "--output".as_ref()];
    run(&[&time[..], &[report.path().as_os_str()], words].concat())?;
    let kibibytes: f64 = fs::read_to_string(report.path())?.trim().parse()?;
    Ok(kibibytes * 1024.0)
}
