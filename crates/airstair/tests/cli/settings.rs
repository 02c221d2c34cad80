use crate::airstair::{Folder, Run, command, finish, run};

/// Every setting whose value is told, with what the file, a variable and a flag say of it. Where there are only two
/// choices, neighbours say different ones.
const TOLD: [(&str, [&str; 3]); 8] = [
    ("data", ["/srv/file", "/srv/variable", "/srv/flag"]),
    ("listen", ["127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"]),
    ("public_url", ["https://file.example/", "https://variable.example/", "https://flag.example/"]),
    ("tls", ["off", "local-ca", "off"]),
    ("organisation", ["File & Söhne", "Variable", "Flag"]),
    ("package_limit_bytes", ["1", "2", "3"]),
    ("reserve_bytes", ["4", "5", "6"]),
    ("in_house_on_open_channels", ["agreed", "ask", "agreed"]),
];

/// Where a setting is said.
#[derive(Clone, Copy, Debug)]
enum Place {
    File,
    Variable,
    Flag,
}

/// `serve --check --json` in a folder whose `airstair.toml` says these lines.
fn check(file: &str, variables: &[(String, String)], flags: &[String]) -> Run {
    let folder = Folder::new();
    folder.file("airstair.toml", file);
    let words = ["serve", "--check", "--json"].map(str::to_owned).into_iter().chain(flags.iter().cloned());
    let mut command = command(words);
    command.current_dir(folder.path(".")).envs(variables.iter().cloned());
    finish(&mut command, "")
}

/// The settings in force when each of these is said in the places for it.
fn in_force(places: impl Fn(usize) -> Vec<Place>) -> serde_json::Value {
    let (mut file, mut variables, mut flags) = (Vec::new(), Vec::new(), Vec::new());
    for (number, (name, [in_file, in_variable, in_flag])) in TOLD.into_iter().enumerate() {
        for place in places(number) {
            match place {
                Place::File if name.ends_with("_bytes") => file.push(format!("{name} = {in_file}")),
                Place::File => file.push(format!("{name} = {in_file:?}")),
                Place::Variable => {
                    variables.push((format!("AIRSTAIR_{}", name.to_uppercase()), in_variable.to_owned()));
                }
                Place::Flag => flags.extend([format!("--{}", name.replace('_', "-")), in_flag.to_owned()]),
            }
        }
    }
    let answer = check(&file.join("\n"), &variables, &flags);
    assert_eq!(answer.code, 0, "{answer:?}");
    answer.json()
}

fn shown(settings: &serde_json::Value, name: &str) -> String {
    let value = &settings[name];
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[test]
fn a_flag_outweighs_a_variable_and_a_variable_the_file() {
    use Place::{File, Flag, Variable};
    for (places, winner) in [
        (vec![File], 0),
        (vec![Variable], 1),
        (vec![Flag], 2),
        (vec![File, Variable], 1),
        (vec![Variable, Flag], 2),
        (vec![File, Flag], 2),
        (vec![File, Variable, Flag], 2),
    ] {
        let settings = in_force(|_| places.clone());
        for (name, said) in TOLD {
            assert_eq!(shown(&settings, name), said[winner], "{name}, said in {places:?}");
        }
    }
}

#[test]
fn each_setting_may_come_from_another_place() {
    let settings = in_force(|number| vec![[Place::File, Place::Variable, Place::Flag][number % 3]]);
    for (number, (name, said)) in TOLD.into_iter().enumerate() {
        assert_eq!(shown(&settings, name), said[number % 3], "{name}");
    }
}

#[test]
fn a_file_that_is_named_is_read_instead_of_the_one_that_lies_there() {
    let folder = Folder::new();
    folder.file("airstair.toml", "public_url = 'https://lies-there.example'\nlisten = '127.0.0.1:1'\n");
    let named = folder.file("named.toml", "public_url = 'https://named.example'\n");
    let from = |command: &mut std::process::Command| {
        let answer = finish(command.current_dir(folder.path(".")), "");
        assert_eq!(answer.code, 0, "{answer:?}");
        let settings = answer.json();
        (shown(&settings, "public_url"), shown(&settings, "listen"))
    };
    let check = ["serve", "--check", "--json"];
    let expected = ("https://named.example/".to_owned(), "0.0.0.0:8443".to_owned());
    assert_eq!(from(command(check).arg("--config").arg(&named)), expected);
    assert_eq!(from(command(check).env("AIRSTAIR_CONFIG", &named)), expected);
    let expected = ("https://lies-there.example/".to_owned(), "127.0.0.1:1".to_owned());
    assert_eq!(from(&mut command(check)), expected);
}

#[test]
fn a_file_that_is_named_and_cant_be_read_is_no_fault_of_the_settings() {
    let folder = Folder::new();
    let not_text = folder.file("bytes.toml", b"\xff\xfe");
    for (file, why) in [
        (folder.path("absent.toml"), "No such file or directory"),
        (folder.path("."), "Is a directory"),
        (not_text, "valid UTF-8"),
    ] {
        let answer = run(["serve", "--check", "--config", file.to_str().unwrap()]);
        assert_eq!(answer.code, 3, "{answer:?}");
        assert!(answer.stderr.contains(file.to_str().unwrap()) && answer.stderr.contains(why), "{answer:?}");
    }
}

#[test]
fn every_fault_is_named_at_once_with_what_was_expected() {
    let words = ["serve", "--check", "--public-url", "http://apps.example.com/x", "--listen", "8443"];
    let faulty = run(words.into_iter().chain(["--tls", "off", "--tls-key", "key.pem"]));
    assert_eq!(faulty.code, 2);
    assert_eq!(faulty.stdout, "");
    insta::assert_snapshot!("settings_faults_text", faulty.stderr);

    let words = words.into_iter().chain(["--tls", "files", "--tls-key", "key.pem", "--json"]);
    let faulty = run(words);
    assert_eq!(faulty.code, 2);
    insta::assert_snapshot!("settings_faults_json", faulty.stdout);
}

#[test]
fn an_address_is_taken_only_as_devices_can_use_it() {
    for (url, fine) in [
        ("https://apps.example.com", true),
        ("https://apps.example.com/", true),
        ("https://apps.example.com:8443", true),
        ("https://192.168.1.7", true),
        ("https://[fd00::7]:8443", true),
        ("https://münchen.example", true),
        ("http://apps.example.com", false),
        ("apps.example.com", false),
        ("https://", false),
        ("https://apps.example.com/apps", false),
        ("https://apps.example.com/?a=b", false),
        ("https://apps.example.com/#a", false),
        ("https://somebody@apps.example.com", false),
        ("", false),
    ] {
        let answer = run(["serve", "--check", "--public-url", url]);
        assert_eq!(answer.code, if fine { 0 } else { 2 }, "{url}: {answer:?}");
        assert_eq!(answer.stderr.contains("public_url: "), !fine, "{url}: {answer:?}");
    }
}

#[test]
fn words_that_are_no_choice_or_no_number_are_refused_with_the_choices() {
    for (variable, value, word) in [
        ("AIRSTAIR_TLS", "none", "local-ca, files, off"),
        ("AIRSTAIR_IN_HOUSE_ON_OPEN_CHANNELS", "never", "ask, agreed"),
        ("AIRSTAIR_RESERVE_BYTES", "much", "--reserve-bytes"),
        ("AIRSTAIR_PACKAGE_LIMIT_BYTES", "-1", "--package-limit-bytes"),
    ] {
        let mut command = command(["serve", "--check", "--public-url", "https://apps.example.com"]);
        let answer = finish(command.env(variable, value), "");
        assert_eq!(answer.code, 2, "{variable}: {answer:?}");
        assert!(answer.stderr.contains(word) && answer.stderr.contains(value), "{variable}: {answer:?}");
    }
}

#[test]
fn where_secrets_lie_is_not_told() {
    let words = ["serve", "--check", "--public-url", "https://apps.example.com", "--tls", "files"];
    let words = words.into_iter().chain(["--tls-certificate", "chain.pem", "--tls-key", "hidden-key.pem"]);
    let words: Vec<_> = words.chain(["--secret-key-file", "hidden-secret.key"]).collect();
    let folder = Folder::new();
    let check = |more: &[&str]| {
        let mut command = command(words.iter().copied().chain(more.iter().copied()));
        finish(command.current_dir(folder.path("")), "")
    };
    let missing = check(&[]);
    assert_eq!(missing.code, 2, "{missing:?}");
    for setting in ["tls_certificate: chain.pem can't be read", "tls_key: hidden-key.pem can't be read"] {
        assert!(missing.stderr.contains(setting), "{missing:?}");
    }
    folder.file("chain.pem", "");
    folder.file("hidden-key.pem", "");
    let text = check(&[]);
    assert_eq!(text.code, 0, "{text:?}");
    insta::assert_snapshot!("settings_in_force_text", text.stdout);
    let json = check(&["--json"]);
    assert_eq!(json.code, 0, "{json:?}");
    insta::assert_snapshot!("settings_in_force_json", json.stdout);
    for answer in [text, json] {
        assert!(!answer.stdout.contains("hidden") && !answer.stderr.contains("hidden"), "{answer:?}");
    }
}

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
