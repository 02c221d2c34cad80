use std::collections::BTreeSet;
use std::process::Command;

use crate::airstair::{Folder, run};

#[test]
fn help_names_every_command_and_wrong_words_exit_with_2() {
    let help = run(["--help"]);
    assert_eq!(help.code, 0);
    for command in ["inspect", "link", "manifest", "site", "completions", "man"] {
        assert!(
            help.stdout.lines().any(|line| line.trim_start().starts_with(command)),
            "{command}: {}",
            help.stdout
        );
        let own = run([command, "--help"]);
        assert_eq!((own.code, own.stderr.as_str()), (0, ""), "{command}");
    }
    assert!(help.stdout.contains("Exit codes:"));
    for words in [&[][..], &["nonsense"], &["inspect"], &["link", "--nonsense"], &["site", "a.ipa"]] {
        assert_eq!(run(words).code, 2, "{words:?}");
    }
}

#[test]
fn shells_get_completions() {
    for (shell, mark) in
        [("bash", "complete -F"), ("zsh", "#compdef airstair"), ("fish", "complete -c airstair")]
    {
        let run = run(["completions", shell]);
        assert_eq!(run.code, 0, "{shell}");
        assert!(run.stdout.contains(mark) && run.stdout.contains("inspect"), "{shell}");
    }
    assert_eq!(run(["completions", "tcsh"]).code, 2);
}

#[test]
fn shells_accept_their_completions() {
    let folder = Folder::new();
    for (shell, only_read) in [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")] {
        let script = folder.file(shell, run(["completions", shell]).stdout);
        match Command::new(shell).arg(only_read).arg(script).output() {
            Ok(read) => assert!(read.status.success() && read.stderr.is_empty(), "{shell}: {read:?}"),
            Err(_) => eprintln!("SKIPPED: there is no {shell} on PATH to read its completions"),
        }
    }
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = Folder::new();
    let pages = folder.path("man");
    let answer = run(["man", pages.to_str().unwrap(), "--json"]);
    assert_eq!(answer.code, 0, "{answer:?}");
    let names: BTreeSet<_> = crate::airstair::names(&pages).into_iter().collect();
    assert_eq!(answer.json()["files"].as_array().unwrap().len(), names.len());
    let commands = and_below(vec!["airstair".to_owned()]);
    let expected: BTreeSet<_> = commands.iter().map(|words| format!("{}.1", words.join("-"))).collect();
    assert!(expected.contains("airstair-admin-token-create.1"), "{expected:?}");
    assert_eq!(names, expected);
    assert!(run(["man"]).stdout.starts_with(".ie"), "roff on standard output");
}

#[test]
fn manual_pages_refer_to_pages_that_are_there() {
    let folder = Folder::new();
    let pages = folder.path("man");
    assert_eq!(run(["man", pages.to_str().unwrap()]).code, 0);
    let names = crate::airstair::names(&pages);
    let mut references = 0;
    for name in &names {
        let page = std::fs::read_to_string(pages.join(name)).unwrap().replace("\\-", "-");
        let title = page.lines().find(|line| line.starts_with(".TH")).unwrap();
        assert!(title.contains(concat!("\"airstair ", env!("CARGO_PKG_VERSION"), "\"")), "{name}: {title}");
        for reference in page.lines().filter_map(|line| line.strip_suffix("(1)")) {
            assert!(names.contains(&format!("{reference}.1")), "{name} refers to {reference}");
            references += 1;
        }
    }
    assert_eq!(references, names.len() - 1, "each page but the first is referred to once");
}

/// The words of a command and of those below it, as --help tells them.
fn and_below(words: Vec<String>) -> Vec<Vec<String>> {
    let help = run(words[1..].iter().map(String::as_str).chain(["--help"])).stdout;
    let below =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let below = below.filter_map(|line| line.split_whitespace().next()).filter(|word| *word != "help");
    let below: Vec<_> = below.flat_map(|word| and_below([&words[..], &[word.to_owned()]].concat())).collect();
    [vec![words], below].concat()
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_a_closed_pipe_is_not() {
    let to = |target: std::process::Stdio| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_airstair"));
        command.args(["completions", "bash"]).stdout(target).stderr(std::process::Stdio::piped());
        command.spawn().unwrap()
    };
    let full = to(std::fs::File::options().write(true).open("/dev/full").unwrap().into());
    let full = full.wait_with_output().unwrap();
    assert_eq!(full.status.code(), Some(3));
    assert!(String::from_utf8(full.stderr).unwrap().contains("could not be written"));

    let mut closed = to(std::process::Stdio::piped());
    drop(closed.stdout.take());
    let closed = closed.wait_with_output().unwrap();
    assert_eq!((closed.status.code(), closed.stderr), (Some(0), vec![]));
}
