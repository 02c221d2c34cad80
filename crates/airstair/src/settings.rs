//! What an owner decides: `airstair.toml`, overridden by `AIRSTAIR_…` variables, overridden by flags.

mod storage;

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use clap::{Args, Command, FromArgMatches, ValueEnum};
use distribution::{InHousePolicy, Policy};
use serde::{Deserialize, Serialize};
use tls::TlsMode;
use url::Url;

pub(crate) use self::storage::{AddressingChoice, DeliveryChoice, Storage};
use self::storage::{GivenStorage, StorageView};
use crate::failure::Failure;

const SETTINGS_FILE: &str = "airstair.toml";

/// What is shown of a secret.
const REDACTED: &str = "[redacted]";

/// The settings of a server, each of which may be absent.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Given {
    /// The folder for the catalog, the packages and the keys [default: airstair-data]
    #[arg(long, value_name = "DIR", env = "AIRSTAIR_DATA")]
    data: Option<PathBuf>,
    /// Where to listen [default: 0.0.0.0:8443]
    #[arg(long, value_name = "ADDRESS:PORT", env = "AIRSTAIR_LISTEN")]
    listen: Option<String>,
    /// Where people and devices reach this server, such as `https://apps.example.com` [must be set]
    #[arg(long, value_name = "URL", env = "AIRSTAIR_PUBLIC_URL")]
    public_url: Option<String>,
    /// Who terminates TLS, and with which certificate [default: local-ca]
    #[arg(long, value_name = "MODE", value_enum, env = "AIRSTAIR_TLS")]
    tls: Option<TlsChoice>,
    /// The certificate and those between it and its root, in PEM, for `--tls files` [default: none]
    #[arg(long, value_name = "FILE", env = "AIRSTAIR_TLS_CERTIFICATE")]
    tls_certificate: Option<PathBuf>,
    /// The certificate's key, in PEM, for `--tls files` [default: none]
    #[arg(long, value_name = "FILE", env = "AIRSTAIR_TLS_KEY")]
    tls_key: Option<PathBuf>,
    /// Who offers the apps: shown on pages, and to devices as the app's subtitle [default: none]
    #[arg(long, value_name = "NAME", env = "AIRSTAIR_ORGANISATION")]
    organisation: Option<String>,
    /// The key that seals the secrets in the catalog [default: DATA/secret.key]
    #[arg(long, value_name = "FILE", env = "AIRSTAIR_SECRET_KEY_FILE")]
    secret_key_file: Option<PathBuf>,
    /// The largest package that is taken, in bytes [default: 8589934592]
    #[arg(long, value_name = "BYTES", env = "AIRSTAIR_PACKAGE_LIMIT_BYTES")]
    package_limit_bytes: Option<u64>,
    /// Room that uploads must leave on the disk, in bytes [default: 268435456]
    #[arg(long, value_name = "BYTES", env = "AIRSTAIR_RESERVE_BYTES")]
    reserve_bytes: Option<u64>,
    /// Whether in-house builds may stand on channels open to anyone with the link [default: ask]
    #[arg(long, value_name = "ANSWER", value_enum, env = "AIRSTAIR_IN_HOUSE_ON_OPEN_CHANNELS")]
    in_house_on_open_channels: Option<InHouseChoice>,
    /// Whether the server examines its own public address, as a device would, when it starts, when its certificate has
    /// changed and every hour; `true` or `false` [default: true]
    #[arg(long, value_name = "BOOLEAN", env = "AIRSTAIR_SELF_CHECK")]
    self_check: Option<bool>,
    /// The PostgreSQL database for the catalog, such as `postgres://airstair:SECRET@db.example.com/airstair`; without
    /// one it is a SQLite file in the data directory. A flag can be seen by others on this machine [default: none]
    #[arg(long, value_name = "DATABASE", env = "AIRSTAIR_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Where packages and icons are kept: `folder`, which is in the data directory, or a bucket of S3-compatible
    /// storage such as `s3://apps` or `s3://apps/airstair` [default: folder]
    #[arg(long, value_name = "WHERE", env = "AIRSTAIR_STORAGE")]
    storage: Option<String>,
    /// Where the bucket's storage answers, when that is not Amazon [default: none]
    #[arg(long, value_name = "ENDPOINT", env = "AIRSTAIR_STORAGE_ENDPOINT")]
    storage_endpoint: Option<String>,
    /// The bucket's region, where the storage has several [default: none]
    #[arg(long, value_name = "NAME", env = "AIRSTAIR_STORAGE_REGION")]
    storage_region: Option<String>,
    /// Where requests name the bucket; `path` unless it is set [default: none]
    #[arg(long, value_name = "WHERE", value_enum, env = "AIRSTAIR_STORAGE_ADDRESSING")]
    storage_addressing: Option<AddressingChoice>,
    /// The id of the key to the bucket. Without a key here or in a file, the `AWS_…` variables, a web identity, or the
    /// role of the container or machine say who asks [default: none]
    #[arg(long, value_name = "ID", env = "AIRSTAIR_STORAGE_ACCESS_KEY_ID")]
    storage_access_key_id: Option<String>,
    /// The secret of that key; a flag can be seen by others on this machine, the file and the variable are for it
    /// [default: none]
    #[arg(long, value_name = "SECRET", env = "AIRSTAIR_STORAGE_SECRET_ACCESS_KEY", hide_env_values = true)]
    storage_secret_access_key: Option<String>,
    /// A file with the key, as Amazon's tools keep it: `aws_access_key_id` and `aws_secret_access_key` under
    /// `[default]` [default: none]
    #[arg(long, value_name = "FILE", env = "AIRSTAIR_STORAGE_CREDENTIALS_FILE")]
    storage_credentials_file: Option<PathBuf>,
    /// Roots to trust for the storage's certificate, beside the system's, in PEM [default: none]
    #[arg(long, value_name = "FILE", env = "AIRSTAIR_STORAGE_ROOTS")]
    storage_roots: Option<PathBuf>,
    /// What the storage shall encrypt with: `storage-keys`, `kms`, `kms:KEY`, or `bucket` for what the bucket says;
    /// `bucket` unless it is set [default: none]
    #[arg(long, value_name = "KEYS", env = "AIRSTAIR_STORAGE_ENCRYPTION")]
    storage_encryption: Option<String>,
    /// Experimental: who sends packages to devices; `through` unless it is set [default: none]
    #[arg(long, value_name = "WHO", value_enum, env = "AIRSTAIR_STORAGE_DELIVERY")]
    storage_delivery: Option<DeliveryChoice>,
    /// For how many seconds a request that the storage fails is sent again, and how long the storage may be silent,
    /// before whoever waits is told to come again; requests that carry an upload may take six times as long; 20 unless
    /// it is set [default: none]
    #[arg(long, value_name = "SECONDS", env = "AIRSTAIR_STORAGE_PATIENCE_SECONDS")]
    storage_patience_seconds: Option<NonZeroU32>,
}

/// Who terminates TLS.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum TlsChoice {
    /// This server, with a certificate authority of its own that phones must be told to trust
    LocalCa,
    /// This server, with the certificate in --tls-certificate and --tls-key
    Files,
    /// A proxy or tunnel in front of it
    Off,
}

/// Whether in-house builds may stand on open channels.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum InHouseChoice {
    /// Each publisher must say --open-in-house once for each channel
    Ask,
    /// Always
    Agreed,
}

/// The settings a server runs with.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) places: Places,
    pub(crate) listen: SocketAddr,
    pub(crate) tls: TlsMode,
    /// Where the local authority lies, when that is not in the data directory.
    pub(crate) tls_folder: Option<PathBuf>,
    /// Where this server is reached too; a local authority's certificate is for these hosts as well.
    pub(crate) other_urls: Vec<Url>,
    /// Whether it walks its own road.
    pub(crate) self_check: bool,
    pub(crate) policy: Policy,
}

/// Where a server keeps what it knows.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    pub(crate) data: PathBuf,
    pub(crate) database: Database,
    pub(crate) storage: Storage,
    pub(crate) secret_key_file: Option<PathBuf>,
}

/// Where the catalog is.
#[derive(Clone, Debug)]
pub(crate) enum Database {
    /// A SQLite file in the data directory.
    File,
    /// A PostgreSQL database.
    Postgres(Box<catalog_postgres::Settings>),
}

/// Every fault of the settings, each a sentence that names the setting.
#[derive(Debug, Default)]
struct Faults(Vec<String>);

impl Given {
    /// Puts what the settings file says behind what flags and variables say.
    ///
    /// The file is `--config`, else `airstair.toml` in the working directory where there is one.
    pub(crate) fn with_file(self, file: Option<&Path>) -> Result<Self, Failure> {
        let path = file.unwrap_or(Path::new(SETTINGS_FILE));
        if file.is_none() && !path.exists() {
            return Ok(self);
        }
        let text = fs::read_to_string(path)
            .map_err(|error| Failure::not_done(format!("cannot read {}", path.display())).because(&error))?;
        let file: Self = toml::from_str(&text).map_err(|error| {
            let before = error.span().map_or("", |span| text.get(..span.start).unwrap_or_default());
            let line = before.matches('\n').count() + 1;
            Failure::usage(format!("{}, line {line}: {}", path.display(), error.message()))
                .help("`airstair help serve` lists the settings; in the file their names have underscores")
        })?;
        Ok(Self {
            data: self.data.or(file.data),
            listen: self.listen.or(file.listen),
            public_url: self.public_url.or(file.public_url),
            tls: self.tls.or(file.tls),
            tls_certificate: self.tls_certificate.or(file.tls_certificate),
            tls_key: self.tls_key.or(file.tls_key),
            organisation: self.organisation.or(file.organisation),
            secret_key_file: self.secret_key_file.or(file.secret_key_file),
            package_limit_bytes: self.package_limit_bytes.or(file.package_limit_bytes),
            reserve_bytes: self.reserve_bytes.or(file.reserve_bytes),
            in_house_on_open_channels: self.in_house_on_open_channels.or(file.in_house_on_open_channels),
            self_check: self.self_check.or(file.self_check),
            database_url: self.database_url.or(file.database_url),
            storage: self.storage.or(file.storage),
            storage_endpoint: self.storage_endpoint.or(file.storage_endpoint),
            storage_region: self.storage_region.or(file.storage_region),
            storage_addressing: self.storage_addressing.or(file.storage_addressing),
            storage_access_key_id: self.storage_access_key_id.or(file.storage_access_key_id),
            storage_secret_access_key: self.storage_secret_access_key.or(file.storage_secret_access_key),
            storage_credentials_file: self.storage_credentials_file.or(file.storage_credentials_file),
            storage_roots: self.storage_roots.or(file.storage_roots),
            storage_encryption: self.storage_encryption.or(file.storage_encryption),
            storage_delivery: self.storage_delivery.or(file.storage_delivery),
            storage_patience_seconds: self.storage_patience_seconds.or(file.storage_patience_seconds),
        })
    }

    /// What the variables say, for commands that have no flags for settings.
    pub(crate) fn from_environment() -> Result<Self, Failure> {
        let command = Self::augment_args(Command::new("airstair").no_binary_name(true));
        let found = command.try_get_matches_from([""; 0]).and_then(|found| Self::from_arg_matches(&found));
        found.map_err(|error| Failure::usage("a variable of the environment is wrong").because(&error))
    }

    /// As if `data` had been given, where it was.
    pub(crate) fn with_data(self, data: Option<PathBuf>) -> Self {
        Self { data: data.or(self.data), ..self }
    }

    /// Where everything is kept, for commands that work beside the server.
    pub(crate) fn places(self) -> Result<Places, Failure> {
        let mut faults = Faults::default();
        let database = faults.database(self.database_url.as_deref());
        let (Some(database), Some(storage)) = (database, faults.storage(&self)) else {
            return Err(faults.into_failure());
        };
        Ok(Places { data: self.data(), database, storage, secret_key_file: self.secret_key_file })
    }

    fn data(&self) -> PathBuf {
        self.data.clone().unwrap_or_else(|| "airstair-data".into())
    }

    /// The settings with their defaults, or every fault at once.
    pub(crate) fn resolve(self) -> Result<Settings, Failure> {
        let mut faults = Faults::default();
        let listen = faults.listen(self.listen.as_deref());
        let public_url = faults.public_url(self.public_url.as_deref());
        let database = faults.database(self.database_url.as_deref());
        let storage = faults.storage(&self);
        let data = self.data();
        let tls = faults.tls(self.tls, self.tls_certificate, self.tls_key);
        let (Some(listen), Some(public_url), Some(database), Some(storage), Some(tls)) =
            (listen, public_url, database, storage, tls)
        else {
            return Err(faults.into_failure());
        };
        let mut policy = Policy::new(public_url);
        policy.organisation = self.organisation.filter(|name| !name.trim().is_empty());
        policy.package_limit_bytes = self.package_limit_bytes.unwrap_or(policy.package_limit_bytes);
        policy.reserve_bytes = self.reserve_bytes.unwrap_or(policy.reserve_bytes);
        if self.in_house_on_open_channels == Some(InHouseChoice::Agreed) {
            policy.in_house_on_open_channels = InHousePolicy::Agreed;
        }
        Ok(Settings {
            places: Places { data, database, storage, secret_key_file: self.secret_key_file },
            listen,
            tls,
            tls_folder: None,
            other_urls: Vec::new(),
            self_check: self.self_check.unwrap_or(true),
            policy,
        })
    }
}

impl Settings {
    /// Looks whether the files are there that the settings name, and tells all that are not.
    pub(crate) fn check_files(&self) -> Result<(), Failure> {
        let mut faults = Faults::default();
        if let TlsMode::Files { cert, key } = &self.tls {
            for (setting, path) in [("tls_certificate", cert), ("tls_key", key)] {
                if let Err(error) = File::open(path) {
                    faults.0.push(format!("{setting}: {} can't be read: {error}", path.display()));
                }
            }
        }
        if faults.0.is_empty() { Ok(()) } else { Err(faults.into_failure()) }
    }
}

impl Faults {
    fn add(&mut self, setting: &str, seen: &str, expected: &str) {
        self.0.push(format!("{setting}: {seen:?} is not {expected}"));
    }

    fn listen(&mut self, given: Option<&str>) -> Option<SocketAddr> {
        let Some(text) = given else { return Some((Ipv4Addr::UNSPECIFIED, 8443).into()) };
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.add("listen", text, "an address and a port such as 0.0.0.0:8443 or [::]:8443");
        }
        parsed
    }

    fn public_url(&mut self, given: Option<&str>) -> Option<Url> {
        let Some(text) = given else {
            self.0.push(
                "public_url: it is not set; say how devices reach this server, such as \
                         https://apps.example.com"
                    .to_owned(),
            );
            return None;
        };
        let url = Url::parse(text).ok().filter(|url| {
            let bare = url.query().is_none() && url.fragment().is_none() && url.path() == "/";
            url.scheme() == "https" && url.has_host() && url.username().is_empty() && bare
        });
        if url.is_none() {
            self.add(
                "public_url",
                &without_password(text),
                "an https address with a host and nothing behind it, such as \
                     https://apps.example.com",
            );
        }
        url
    }

    fn database(&mut self, given: Option<&str>) -> Option<Database> {
        let Some(text) = given else { return Some(Database::File) };
        let parsed = text.parse().map(|settings| Database::Postgres(Box::new(settings)));
        // The text holds a password, so it is not shown.
        parsed.map_err(|error| self.0.push(format!("database_url: {error}"))).ok()
    }

    fn storage(&mut self, given: &Given) -> Option<Storage> {
        let given = GivenStorage {
            storage: given.storage.as_deref(),
            endpoint: given.storage_endpoint.as_deref(),
            region: given.storage_region.as_deref(),
            addressing: given.storage_addressing,
            access_key_id: given.storage_access_key_id.as_deref(),
            secret_access_key: given.storage_secret_access_key.as_deref(),
            credentials_file: given.storage_credentials_file.as_deref(),
            roots: given.storage_roots.as_deref(),
            encryption: given.storage_encryption.as_deref(),
            delivery: given.storage_delivery,
            patience_seconds: given.storage_patience_seconds,
        };
        given.resolve().map_err(|faults| self.0.extend(faults)).ok()
    }

    fn tls(
        &mut self,
        choice: Option<TlsChoice>,
        certificate: Option<PathBuf>,
        key: Option<PathBuf>,
    ) -> Option<TlsMode> {
        match (choice.unwrap_or(TlsChoice::LocalCa), certificate, key) {
            (TlsChoice::LocalCa, None, None) => Some(TlsMode::LocalCa),
            (TlsChoice::Off, None, None) => Some(TlsMode::Off),
            (TlsChoice::Files, Some(cert), Some(key)) => Some(TlsMode::Files { cert, key }),
            (TlsChoice::Files, _, _) => {
                self.0.push("tls: `files` needs both tls_certificate and tls_key".to_owned());
                None
            }
            (TlsChoice::LocalCa | TlsChoice::Off, _, _) => {
                self.0.push(
                    "tls: tls_certificate and tls_key are for `files` alone; set tls = \"files\"".to_owned(),
                );
                None
            }
        }
    }

    fn into_failure(self) -> Failure {
        let failure = Failure::usage(match self.0.len() {
            1 => "one setting is wrong".to_owned(),
            count => format!("{count} settings are wrong"),
        });
        self.0.into_iter().fold(failure, Failure::detail).help("`airstair help serve` explains every setting")
    }
}

/// An address as it may be shown.
fn without_password(text: &str) -> String {
    let Ok(mut url) = Url::parse(text) else { return text.to_owned() };
    if url.password().is_none() || url.set_password(Some("redacted")).is_err() {
        return text.to_owned();
    }
    url.into()
}

/// The settings in force, for people and for scripts.
#[derive(Debug, Serialize)]
pub(crate) struct SettingsView {
    data: PathBuf,
    listen: SocketAddr,
    public_url: String,
    tls: &'static str,
    tls_certificate: Option<PathBuf>,
    tls_key: Option<&'static str>,
    organisation: Option<String>,
    secret_key_file: Option<&'static str>,
    package_limit_bytes: u64,
    reserve_bytes: u64,
    in_house_on_open_channels: &'static str,
    self_check: bool,
    database_url: Option<String>,
    #[serde(flatten)]
    storage: StorageView,
}

impl From<&Settings> for SettingsView {
    fn from(settings: &Settings) -> Self {
        let (tls, tls_certificate, tls_key) = match &settings.tls {
            TlsMode::LocalCa => ("local-ca", None, None),
            TlsMode::Files { cert, .. } => ("files", Some(cert.clone()), Some(REDACTED)),
            TlsMode::Off => ("off", None, None),
        };
        Self {
            data: settings.places.data.clone(),
            listen: settings.listen,
            public_url: settings.policy.public_url.to_string(),
            tls,
            tls_certificate,
            tls_key,
            organisation: settings.policy.organisation.clone(),
            secret_key_file: settings.places.secret_key_file.as_ref().map(|_| REDACTED),
            package_limit_bytes: settings.policy.package_limit_bytes,
            reserve_bytes: settings.policy.reserve_bytes,
            in_house_on_open_channels: match settings.policy.in_house_on_open_channels {
                InHousePolicy::AskForEachChannel => "ask",
                InHousePolicy::Agreed => "agreed",
            },
            self_check: settings.self_check,
            database_url: match &settings.places.database {
                Database::File => None,
                // Without its password.
                Database::Postgres(settings) => Some(settings.to_string()),
            },
            storage: StorageView::from(&settings.places.storage),
        }
    }
}
