use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use url::Url;

use crate::session::Limits;

/// Which database to use, and how long to wait for it.
///
/// Made from an address; what that doesn't say is taken from the variables that every PostgreSQL client knows
/// (`PGHOST`, `PGPASSWORD`, …) and from `~/.pgpass`.
///
/// ```
/// use catalog_postgres::Settings;
///
/// let address = "postgres://airstair:secret@db.example.com/airstair?sslrootcert=/etc/ssl/db.pem";
/// let settings: Settings = address.parse()?;
/// assert_eq!(settings.to_string(), "airstair at db.example.com:5432");
/// assert!(settings.is_verified());
/// # Ok::<(), catalog_postgres::SettingsError>(())
/// ```
#[derive(Clone)]
pub struct Settings {
    address: PgConnectOptions,
    /// Connections at once; more units and snapshots wait their turn. 10.
    pub connections: u32,
    /// How long to wait for a connection. 10 seconds.
    pub patience: Duration,
    /// How long to wait, when opening, for a server that starts or can't be reached. A minute.
    pub start_patience: Duration,
    /// How long a statement may take. 30 seconds.
    pub statement_timeout: Duration,
    /// How long a statement may wait for others' locks. 10 seconds.
    pub lock_timeout: Duration,
    /// How long a unit or snapshot may do nothing before the server ends it. A minute.
    pub idle_timeout: Duration,
    /// How long the server may be silent where it has nothing to do, or beyond what a statement may take, before the
    /// connection is let go of. 5 seconds.
    pub silence: Duration,
}

/// What is wrong with an address.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// Not an address at all, or one of something else.
    #[error("the address of a PostgreSQL database is postgres://USER:PASSWORD@HOST/DATABASE")]
    Address,
    /// A parameter that is not known here, which would be a pity if it was meant to protect something.
    #[error("the address has the parameter {name:?}; known are {}", KNOWN.join(", "))]
    Parameter {
        /// Its name.
        name: String,
    },
    /// A parameter with a value it can't have.
    #[error("a parameter of the address has a value it can't have: {cause}")]
    Value {
        /// What is wrong with it.
        cause: String,
    },
    /// A file with authorities, but a mode that asks none.
    #[error("sslrootcert is of no use with sslmode={mode}; say sslmode=verify-full")]
    RootUnused {
        /// What the address says.
        mode: String,
    },
}

/// The parameters of an address that are understood, as `libpq` names them.
const KNOWN: [&str; 13] = [
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
    "statement-cache-capacity",
];

impl FromStr for Settings {
    type Err = SettingsError;

    fn from_str(text: &str) -> Result<Self, SettingsError> {
        let url = Url::parse(text).map_err(|_| SettingsError::Address)?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(SettingsError::Address);
        }
        let parameter = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value);
        if let Some((name, _)) = url.query_pairs().find(|(name, _)| !KNOWN.contains(&&**name)) {
            return Err(SettingsError::Parameter { name: name.into_owned() });
        }
        let address: PgConnectOptions =
            text.parse().map_err(|error: sqlx::Error| SettingsError::Value { cause: error.to_string() })?;
        let address = match (parameter("sslrootcert"), parameter("sslmode").as_deref()) {
            (None, _) | (Some(_), Some("verify-ca" | "verify-full")) => address,
            // As libpq does; the driver would pass over the file.
            (Some(_), Some("require")) => address.ssl_mode(PgSslMode::VerifyCa),
            (Some(_), None) => address.ssl_mode(PgSslMode::VerifyFull),
            (Some(_), Some(mode)) => return Err(SettingsError::RootUnused { mode: mode.to_owned() }),
        };
        let address = if address.get_application_name().is_some() {
            address
        } else {
            address.application_name("airstair")
        };
        Ok(Self {
            address,
            connections: 10,
            patience: Duration::from_secs(10),
            start_patience: Duration::from_mins(1),
            statement_timeout: Duration::from_secs(30),
            lock_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_mins(1),
            silence: Duration::from_secs(5),
        })
    }
}

impl Settings {
    /// Whether the server has to prove who it is before it is told anything; a socket of this machine needs not.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        let verified = matches!(self.address.get_ssl_mode(), PgSslMode::VerifyCa | PgSslMode::VerifyFull);
        let host = self.address.get_host();
        verified || self.is_socket() || matches!(host, "localhost" | "127.0.0.1" | "::1" | "[::1]")
    }

    /// How units and snapshots connect.
    pub(crate) fn for_work(&self) -> PgConnectOptions {
        self.limited([self.statement_timeout, self.lock_timeout, self.idle_timeout])
    }

    pub(crate) fn limits(&self) -> Limits {
        Limits { silence: self.silence, statement: self.statement_timeout + self.silence }
    }

    /// How migrations connect: they take what they take.
    pub(crate) fn for_migrations(&self) -> PgConnectOptions {
        self.limited([Duration::ZERO; 3])
    }

    fn limited(&self, limits: [Duration; 3]) -> PgConnectOptions {
        const NAMES: [&str; 3] = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"];
        let limits = limits.map(|limit| format!("{}ms", limit.as_millis()));
        self.address.clone().options(NAMES.iter().zip(limits))
    }

    fn is_socket(&self) -> bool {
        self.address.get_socket().is_some() || self.address.get_host().starts_with('/')
    }
}

/// The database and where it is, without user and password.
impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = &self.address;
        write!(f, "{} at ", address.get_database().unwrap_or(address.get_username()))?;
        match address.get_socket() {
            Some(socket) => write!(f, "{}", socket.display()),
            None => write!(f, "{}:{}", address.get_host(), address.get_port()),
        }
    }
}

/// Without the password.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("address", &self.to_string()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_how_far_the_server_is_trusted() {
        use PgSslMode::{Disable, Prefer, Require, VerifyCa, VerifyFull};
        for (parameters, mode, verified) in [
            ("", Prefer, false),
            ("?sslmode=disable", Disable, false),
            ("?sslmode=require", Require, false),
            ("?sslmode=verify-full", VerifyFull, true),
            ("?sslrootcert=ca.pem", VerifyFull, true),
            ("?sslmode=require&sslrootcert=ca.pem", VerifyCa, true),
            ("?sslmode=verify-ca&sslrootcert=ca.pem", VerifyCa, true),
        ] {
            let settings: Settings = format!("postgres://a:b@db.example.com/c{parameters}").parse().unwrap();
            let seen = format!("{:?}", settings.address.get_ssl_mode());
            assert_eq!((seen, settings.is_verified()), (format!("{mode:?}"), verified), "{parameters:?}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let parameter = |name: &str| SettingsError::Parameter { name: name.to_owned() };
        for (address, expected) in [
            ("", SettingsError::Address),
            ("db.example.com", SettingsError::Address),
            ("mysql://a@b/c", SettingsError::Address),
            ("postgres://a@b/c?sslmod=verify-full", parameter("sslmod")),
            ("postgres://a@b/c?target_session_attrs=primary", parameter("target_session_attrs")),
            (
                "postgres://a@b/c?sslmode=prefer&sslrootcert=ca.pem",
                SettingsError::RootUnused { mode: "prefer".to_owned() },
            ),
        ] {
            assert_eq!(address.parse::<Settings>().unwrap_err(), expected, "{address}");
        }
        let error = "postgres://a@b/c?sslmode=maybe".parse::<Settings>().unwrap_err();
        assert!(matches!(error, SettingsError::Value { .. }), "{error:?}");
    }

    #[test]
    fn no_password_is_shown() {
        let settings: Settings = "postgres://airstair:hush@db.example.com:6432/apps".parse().unwrap();
        assert_eq!(settings.to_string(), "apps at db.example.com:6432");
        assert!(!format!("{settings:?}").contains("hush"));
    }
}
