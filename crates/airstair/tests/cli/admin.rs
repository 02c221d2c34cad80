use crate::airstair::{Folder, run};

fn data(folder: &Folder) -> String {
    folder.path("data").to_str().unwrap().to_owned()
}

#[test]
fn only_a_first_token_makes_a_data_directory_and_says_so() {
    let folder = Folder::new();
    let data = data(&folder);
    for words in
        [&["token", "list"][..], &["token", "revoke", "x"], &["channel", "list"], &["collect-garbage"]]
    {
        let refused = run([&["admin"], words, &["--data", &data]].concat());
        assert_eq!(refused.code, 3, "{words:?}: {refused:?}");
        assert!(refused.stderr.contains("is no data directory"), "{words:?}: {refused:?}");
        assert_eq!(folder.names(), Vec::<String>::new(), "{words:?}");
    }
    let create = ["admin", "token", "create", "--name", "ci", "--scope", "publish", "--data", &data];
    let first = run(create);
    assert_eq!(first.code, 0, "{first:?}");
    assert!(first.stderr.contains("is a new data directory"), "{first:?}");
    let second = run(create);
    assert_eq!((second.code, second.stderr.as_str()), (0, ""));
    for secret in [first.stdout, second.stdout] {
        assert!(secret.starts_with("airstair_") && secret.lines().count() == 1, "{secret}");
    }
}
