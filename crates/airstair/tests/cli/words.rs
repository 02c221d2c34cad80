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
fn every_command_has_a_manual_page() {
    let folder = Folder::new();
    let pages = folder.path("man");
    let answer = run(["man", pages.to_str().unwrap(), "--json"]);
    assert_eq!(answer.code, 0, "{answer:?}");
    let names = crate::airstair::names(&pages);
    assert_eq!(answer.json()["files"].as_array().unwrap().len(), names.len());
    for name in
        ["airstair.1", "airstair-inspect.1", "airstair-link.1", "airstair-manifest.1", "airstair-site.1"]
    {
        assert!(names.iter().any(|seen| seen == name), "{name}: {names:?}");
    }
    assert!(run(["man"]).stdout.starts_with(".ie"), "roff on standard output");
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
