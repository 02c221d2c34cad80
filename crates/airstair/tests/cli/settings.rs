use crate::airstair::{Folder, run};

#[test]
fn a_settings_file_that_can_t_be_understood_is_told_by_its_line() {
    let folder = Folder::new();
    for (text, line, word) in [
        ("listn = 3\n", 1, "listn"),
        ("# a server\npublic_url = \"https://apps.example.com\"\nreserve_bytes = \"much\"\n", 3, "u64"),
        ("\n\ntls = \"none\"\n", 3, "local-ca"),
        ("data = 'x'\npublic_url = \n", 2, "string"),
    ] {
        let file = folder.file("airstair.toml", text);
        let refused = run(["serve", "--check", "--config", file.to_str().unwrap()]);
        assert_eq!(refused.code, 2, "{refused:?}");
        assert!(refused.stderr.contains(&format!("airstair.toml, line {line}: ")), "{refused:?}");
        assert!(refused.stderr.contains(word), "{refused:?}");
    }
}

#[test]
fn settings_in_force_say_what_is_not_set() {
    let answer = run(["serve", "--check", "--public-url", "https://apps.example.com"]);
    assert_eq!(answer.code, 0, "{answer:?}");
    let line = answer.stdout.lines().find(|line| line.starts_with("organisation")).unwrap();
    assert!(line.ends_with(" not set"), "{line}");
    assert!(!answer.stdout.contains("null"), "{answer:?}");
}
