use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

/// An nginx that runs as one process in the foreground, and is gone when this is dropped.
#[derive(Debug)]
pub struct Nginx {
    child: Child,
    /// Gives what it said after it was up, once it has ended.
    said: Option<JoinHandle<String>>,
}

impl Nginx {
    /// Starts one in `folder` with `http` as what stands in its `http` block, and waits until it listens.
    ///
    /// # Errors
    ///
    /// When there is no nginx on `PATH`, or it can't be run.
    ///
    /// # Panics
    ///
    /// When it does not start to listen: the configuration is wrong, or a port is taken.
    pub fn start(folder: &Path, http: &str) -> io::Result<Self> {
        let config = format!(
            "daemon off; master_process off; pid nginx.pid; error_log stderr notice;
             events {{ worker_connections 4096; }}
             http {{
               client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
               uwsgi_temp_path uwsgi; scgi_temp_path scgi;
               {http}
             }}"
        );
        let file = folder.join("nginx.conf");
        fs::write(&file, config)?;
        let mut command = Command::new("nginx");
        command.arg("-p").arg(folder).arg("-c").arg(file).args(["-e", "stderr"]);
        let mut child = command.stderr(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(child.stderr.take().expect("a pipe was asked for")).lines();
        let mut said = String::new();
        // With `master_process off` it listens before it says how many connections it may have.
        let up = lines.by_ref().map_while(Result::ok).any(|line| {
            said.push_str(&line);
            line.contains("getrlimit")
        });
        assert!(up, "nginx did not start: {said}");
        let said = std::thread::spawn(move || lines.map_while(Result::ok).collect::<Vec<_>>().join("\n"));
        Ok(Self { child, said: Some(said) })
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it and gives what it had to say since it was up.
    ///
    /// # Panics
    ///
    /// When it is gone already.
    #[must_use]
    pub fn end(mut self) -> String {
        self.child.kill().expect("it runs");
        self.said.take().expect("it ends once").join().expect("the reader does not panic")
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
