//! How the tools are asked.

use std::process::Command;

use tempfile::TempDir;

/// What a tool answered.
pub(crate) struct Answer {
    pub(crate) succeeded: bool,
    /// Standard output.
    pub(crate) out: Vec<u8>,
    /// Standard output, then standard error.
    pub(crate) text: String,
}

/// Runs a tool; `None`, said loudly, when it is not installed.
#[expect(
    clippy::print_stdout,
    reason = "a comparison that did not happen must not look like one that passed"
)]
pub(crate) fn run(tool: &str, arguments: &[&str]) -> Option<Answer> {
    match Command::new(tool).args(arguments).output() {
        Ok(output) => Some(Answer {
            succeeded: output.status.success(),
            out: output.stdout.clone(),
            text: format!(
                "{}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            ),
        }),
        Err(error) => {
            println!("SKIPPED: {tool} did not start ({error}); nothing was compared with it");
            None
        }
    }
}

/// What `script` prints about each of `inputs`, which it finds in `path` and, whole, in `b`.
///
/// One process for all of them: Python takes longer to start than to read.
pub(crate) fn python(script: &str, inputs: &[Vec<u8>]) -> Option<Vec<String>> {
    const HARNESS: &str = "
import io, sys, contextlib, hashlib, plistlib, struct, traceback, zipfile, zlib
for path in sys.argv[2:]:
    b = open(path, 'rb').read()
    try: exec(sys.argv[1], dict(globals()))
    except BaseException: traceback.print_exc(file=sys.stdout)
    print('\\x1e')
";
    let folder = Folder::new();
    let files: Vec<_> =
        inputs.iter().enumerate().map(|(index, bytes)| folder.write(&index.to_string(), bytes)).collect();
    let mut arguments = vec!["-X", "utf8", "-c", HARNESS, script];
    arguments.extend(files.iter().map(String::as_str));
    let answer = run("python3", &arguments)?;
    let mut answers: Vec<_> = answer.text.split("\x1e\n").map(|text| text.trim_end().to_owned()).collect();
    assert_eq!(answers.pop().as_deref(), Some(""), "nothing follows the last answer");
    assert_eq!(answers.len(), inputs.len(), "{}", answer.text);
    Some(answers)
}

/// A folder that is gone when the test is.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().expect("a folder for temporary files"))
    }

    /// Writes a file and answers its path.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).expect("room for a file");
        path.to_str().expect("temporary folders have plain names").to_owned()
    }
}
