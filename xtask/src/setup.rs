use std::env;
use std::path::Path;

use anyhow::{Result, bail};

use crate::command::{command, run, succeeds};

/// A Debian package and the program that tells whether it is there already.
struct Package {
    name: &'static str,
    program: &'static str,
}

const POSTGRESQL: &str = "postgresql";

/// While this file is there, installing PostgreSQL does not make and start a server for the whole machine.
const NO_CLUSTER: &str = "/etc/postgresql-common/createcluster.d/airstair-tests.conf";

/// What the tests compare us with or look at us through, by program.
const TEST_PACKAGES: &[Package] = &[
    Package { name: "caddy", program: "caddy" }, // serves a sound road, as nginx does
    Package { name: "chromium", program: "chromium" }, // opens the pages
    Package { name: "chromium-driver", program: "chromedriver" }, // steers it
    Package { name: "faketime", program: "faketime" }, // sets a server's clock back
    Package { name: "gcc", program: "gcc" },     // compiles the C parts of ring and SQLite
    Package { name: "iproute2", program: "ip" }, // lays a wire between two machines
    Package { name: "libnss3-tools", program: "certutil" }, // tells Chromium which root to trust
    Package { name: "libplist-utils", program: "plistutil" }, // a second reader of property lists
    Package { name: "nginx-light", program: "nginx" }, // stands in front, as at many owners' places
    Package { name: "openssl", program: "openssl" }, // a second reader of CMS and certificates
    Package { name: POSTGRESQL, program: "postgres" }, // the other engine of the catalog
    Package { name: "python3", program: "python3" }, // plistlib and zipfile
    Package { name: "unzip", program: "unzip" }, // a second reader of archives
    Package { name: "webkit2gtk-driver", program: "WebKitWebDriver" }, // opens the pages in Safari's family
    Package { name: "xvfb", program: "Xvfb" },   // the screen it opens them on
];

/// What the benches compare us with, and what puts servers under load, by program.
const BENCH_PACKAGES: &[Package] = &[
    Package { name: "gcc", program: "gcc" },
    Package { name: "nghttp2-client", program: "h2load" },
    Package { name: "nginx-light", program: "nginx" },
    Package { name: "nodejs", program: "node" },
    Package { name: "npm", program: "npm" },
    Package { name: POSTGRESQL, program: "postgres" },
    Package { name: "time", program: "time" }, // knows the most memory a command held
];

/// A cargo tool, at the version the checks were written for.
struct Tool {
    name: &'static str,
    version: &'static str,
    probe: &'static [&'static str],
    options: &'static [&'static str],
}

const TOOLS: &[Tool] = &[
    Tool { name: "cargo-nextest", version: "0.9.143", probe: &["nextest", "--version"], options: &[] },
    Tool {
        name: "cargo-deny",
        version: "0.20.2",
        probe: &["deny", "--version"],
        options: &["--no-default-features"],
    },
];

/// Installs whatever of the tests' needs is missing.
pub(crate) fn for_tests() -> Result<()> {
    packages(TEST_PACKAGES)?;
    tools()
}

/// Installs whatever of the benches' needs is missing.
pub(crate) fn for_benches() -> Result<()> {
    packages(BENCH_PACKAGES)
}

fn packages(wanted: &[Package]) -> Result<()> {
    let missing: Vec<_> =
        wanted.iter().filter(|package| !is_installed(package.program)).map(|p| p.name).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !on_path("apt-get") {
        bail!("{} missing: install them with this system's package manager", missing.join(", "));
    }
    let apt_get =
        |words: &[&str]| privileged(&[&["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"], words].concat());
    apt_get(&["update", "-q"])?;
    let install = [&["install", "-q", "-y", "--no-install-recommends"], missing.as_slice()].concat();
    if !missing.contains(&POSTGRESQL) {
        return apt_get(&install);
    }
    let refuse =
        format!("mkdir -p $(dirname {NO_CLUSTER}) && echo create_main_cluster = false > {NO_CLUSTER}");
    privileged(&["sh", "-c", &refuse])?;
    let installed = apt_get(&install);
    privileged(&["rm", NO_CLUSTER])?;
    installed
}

/// Runs a command as root.
fn privileged(words: &[&str]) -> Result<()> {
    let as_root = succeeds(command("test", ["-w", "/var/lib/dpkg"]).env("LC_ALL", "C"));
    let words = if as_root { words.to_vec() } else { [&["sudo"], words].concat() };
    run(&mut command(words[0], &words[1..]))
}

fn tools() -> Result<()> {
    for tool in TOOLS {
        if !succeeds(&mut command("cargo", tool.probe)) {
            let mut install = command("cargo", ["install", tool.name, "--locked", "--version", tool.version]);
            run(install.args(tool.options))?;
        }
    }
    Ok(())
}

fn is_installed(program: &str) -> bool {
    on_path(program) || in_versions_of_postgresql(program)
}

/// Debian keeps each major version in a folder of its own, and none of their servers on the path.
fn in_versions_of_postgresql(program: &str) -> bool {
    let versions = Path::new("/usr/lib/postgresql").read_dir().into_iter().flatten().flatten();
    versions.into_iter().any(|version| version.path().join("bin").join(program).is_file())
}

#[expect(clippy::disallowed_methods, reason = "PATH is where programs are looked up")]
fn on_path(program: &str) -> bool {
    env::var_os("PATH")
        .is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}
