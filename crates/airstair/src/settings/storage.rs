use std::fs;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ValueEnum;
use depot::{S3Addressing, S3Credentials, S3Delivery, S3Encryption, S3Settings};
use ini::Ini;
use serde::{Deserialize, Serialize};
use url::Url;

use super::REDACTED;

/// How the settings name the folder in the data directory.
const FOLDER: &str = "folder";

/// Where the bytes of packages and icons are kept.
#[derive(Clone, Debug)]
pub(crate) enum Storage {
    /// A folder in the data directory.
    Folder,
    /// A bucket.
    Bucket(Box<Bucket>),
}

impl Storage {
    /// Whether devices fetch packages from the storage itself.
    pub(crate) fn is_presigned(&self) -> bool {
        matches!(self, Self::Bucket(bucket) if bucket.settings.delivery != S3Delivery::Through)
    }
}

/// A bucket, and the files that say more about it.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    pub(crate) settings: S3Settings,
    credentials_file: Option<PathBuf>,
    roots: Option<PathBuf>,
}

/// Where requests name the bucket.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AddressingChoice {
    /// In the path, as most storage takes it
    Path,
    /// In the host name, as Amazon prefers it
    VirtualHost,
}

/// Who sends packages to devices.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DeliveryChoice {
    /// This server, which reads them from the bucket
    Through,
    /// The bucket's storage, at presigned addresses
    Presigned,
    /// The same, also when the storage tells devices no size
    PresignedWithoutSize,
}

/// What was said about the storage, as it was given.
#[derive(Debug, Default)]
pub(super) struct GivenStorage<'a> {
    pub(super) storage: Option<&'a str>,
    pub(super) endpoint: Option<&'a str>,
    pub(super) region: Option<&'a str>,
    pub(super) addressing: Option<AddressingChoice>,
    pub(super) access_key_id: Option<&'a str>,
    pub(super) secret_access_key: Option<&'a str>,
    pub(super) credentials_file: Option<&'a Path>,
    pub(super) roots: Option<&'a Path>,
    pub(super) encryption: Option<&'a str>,
    pub(super) delivery: Option<DeliveryChoice>,
    pub(super) patience_seconds: Option<NonZeroU32>,
}

impl GivenStorage<'_> {
    /// What the settings come to, or every fault, each a sentence that names its setting.
    pub(super) fn resolve(&self) -> Result<Storage, Vec<String>> {
        let Some(text) = self.storage.filter(|text| *text != FOLDER) else { return self.folder() };
        let mut faults = Vec::new();
        let mut settings = bucket(text).unwrap_or_else(|fault| {
            faults.push(fault);
            S3Settings::new("")
        });
        settings.region = self.region.map(str::to_owned);
        if let Some(seconds) = self.patience_seconds {
            settings.patience = Duration::from_secs(seconds.get().into());
        }
        settings.addressing = match self.addressing {
            Some(AddressingChoice::VirtualHost) => S3Addressing::VirtualHost,
            Some(AddressingChoice::Path) | None => S3Addressing::Path,
        };
        settings.delivery = match self.delivery {
            Some(DeliveryChoice::Presigned) => S3Delivery::Presigned,
            Some(DeliveryChoice::PresignedWithoutSize) => S3Delivery::PresignedWithoutSize,
            Some(DeliveryChoice::Through) | None => S3Delivery::Through,
        };
        let mut take = |fault: Option<String>| faults.extend(fault);
        take(self.endpoint().map(|endpoint| settings.endpoint = endpoint).err());
        take(self.credentials().map(|credentials| settings.credentials = credentials).err());
        take(self.roots().map(|roots| settings.roots_pem = roots).err());
        take(encryption(self.encryption).map(|encryption| settings.encryption = encryption).err());
        let (credentials_file, roots) = (self.credentials_file.map(Into::into), self.roots.map(Into::into));
        if faults.is_empty() {
            Ok(Storage::Bucket(Box::new(Bucket { settings, credentials_file, roots })))
        } else {
            Err(faults)
        }
    }

    fn folder(&self) -> Result<Storage, Vec<String>> {
        let given = [
            ("storage_endpoint", self.endpoint.is_some()),
            ("storage_region", self.region.is_some()),
            ("storage_addressing", self.addressing.is_some()),
            ("storage_access_key_id", self.access_key_id.is_some()),
            ("storage_secret_access_key", self.secret_access_key.is_some()),
            ("storage_credentials_file", self.credentials_file.is_some()),
            ("storage_roots", self.roots.is_some()),
            ("storage_encryption", self.encryption.is_some()),
            ("storage_delivery", self.delivery.is_some()),
            ("storage_patience_seconds", self.patience_seconds.is_some()),
        ];
        let faults: Vec<_> = given
            .into_iter()
            .filter(|(_, is_given)| *is_given)
            .map(|(name, _)| format!("{name}: it is for a bucket alone; set storage = \"s3://BUCKET\""))
            .collect();
        if faults.is_empty() { Ok(Storage::Folder) } else { Err(faults) }
    }

    fn endpoint(&self) -> Result<Option<Url>, String> {
        let Some(text) = self.endpoint else { return Ok(None) };
        let url =
            Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        url.map(Some).ok_or_else(|| {
            format!("storage_endpoint: {text:?} is not an address such as https://s3.example.com:3900")
        })
    }

    fn credentials(&self) -> Result<S3Credentials, String> {
        match (self.access_key_id, self.secret_access_key, self.credentials_file) {
            (None, None, None) => Ok(S3Credentials::Surroundings),
            (Some(id), Some(secret), None) => {
                Ok(S3Credentials::Key { id: id.to_owned(), secret: secret.to_owned(), session_token: None })
            }
            (None, None, Some(file)) => key_in(file),
            (_, _, Some(_)) => Err("storage_credentials_file: it holds the key; leave out \
                                    storage_access_key_id and storage_secret_access_key"
                .to_owned()),
            (Some(_), None, None) => {
                Err("storage_access_key_id: it needs storage_secret_access_key beside it".to_owned())
            }
            (None, Some(_), None) => {
                Err("storage_secret_access_key: it needs storage_access_key_id beside it".to_owned())
            }
        }
    }

    fn roots(&self) -> Result<Option<Vec<u8>>, String> {
        let Some(path) = self.roots else { return Ok(None) };
        let read = fs::read(path);
        read.map(Some).map_err(|error| format!("storage_roots: {} can't be read: {error}", path.display()))
    }
}

/// `s3://BUCKET` or `s3://BUCKET/PREFIX`.
fn bucket(text: &str) -> Result<S3Settings, String> {
    let rest = text.strip_prefix("s3://").unwrap_or_default().trim_end_matches('/');
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let fine = !bucket.is_empty() && !rest.contains(['?', '#', '@', ' ']) && !rest.contains("//");
    if !fine {
        return Err(format!(
            "storage: {text:?} is neither \"folder\" nor a bucket such as s3://apps or s3://apps/airstair"
        ));
    }
    Ok(S3Settings { prefix: prefix.to_owned(), ..S3Settings::new(bucket) })
}

/// The key in a file as Amazon's tools keep it: `aws_access_key_id` and `aws_secret_access_key` under `[default]`.
fn key_in(file: &Path) -> Result<S3Credentials, String> {
    let shown = file.display();
    let ini = Ini::load_from_file(file)
        .map_err(|error| format!("storage_credentials_file: {shown} can't be read: {error}"))?;
    let value = |name| ini.get_from(Some("default"), name).map(str::to_owned);
    match (value("aws_access_key_id"), value("aws_secret_access_key")) {
        (Some(id), Some(secret)) => {
            Ok(S3Credentials::Key { id, secret, session_token: value("aws_session_token") })
        }
        _ => Err(format!(
            "storage_credentials_file: {shown} lacks aws_access_key_id or aws_secret_access_key under [default]"
        )),
    }
}

fn encryption(given: Option<&str>) -> Result<S3Encryption, String> {
    match given {
        None | Some("bucket") => Ok(S3Encryption::Unsaid),
        Some("storage-keys") => Ok(S3Encryption::StorageKeys),
        Some("kms") => Ok(S3Encryption::ManagedKey { key_id: None }),
        Some(text) => match text.strip_prefix("kms:").filter(|id| !id.is_empty()) {
            Some(id) => Ok(S3Encryption::ManagedKey { key_id: Some(id.to_owned()) }),
            None => {
                Err(format!("storage_encryption: {text:?} is none of bucket, storage-keys, kms and kms:KEY"))
            }
        },
    }
}

/// What is in force, secrets left out.
#[derive(Debug, Default, Serialize)]
pub(super) struct StorageView {
    storage: String,
    storage_endpoint: Option<String>,
    storage_region: Option<String>,
    storage_addressing: Option<AddressingChoice>,
    storage_access_key_id: Option<String>,
    storage_secret_access_key: Option<&'static str>,
    storage_credentials_file: Option<PathBuf>,
    storage_roots: Option<PathBuf>,
    storage_encryption: Option<String>,
    storage_delivery: Option<DeliveryChoice>,
    storage_patience_seconds: Option<u64>,
}

impl From<&Storage> for StorageView {
    fn from(storage: &Storage) -> Self {
        let bucket = match storage {
            Storage::Folder => return Self { storage: FOLDER.to_owned(), ..Self::default() },
            Storage::Bucket(bucket) => bucket,
        };
        let settings = &bucket.settings;
        let name = format!("s3://{}/{}", settings.bucket, settings.prefix);
        let key_id = match &settings.credentials {
            S3Credentials::Key { id, .. } => Some(id.clone()),
            S3Credentials::Surroundings => None,
        };
        Self {
            storage: name.trim_end_matches('/').to_owned(),
            storage_endpoint: settings.endpoint.as_ref().map(Url::to_string),
            storage_region: settings.region.clone(),
            storage_addressing: Some(match settings.addressing {
                S3Addressing::Path => AddressingChoice::Path,
                S3Addressing::VirtualHost => AddressingChoice::VirtualHost,
            }),
            storage_secret_access_key: key_id.as_ref().map(|_| REDACTED),
            storage_access_key_id: key_id,
            storage_credentials_file: bucket.credentials_file.clone(),
            storage_roots: bucket.roots.clone(),
            storage_encryption: Some(match &settings.encryption {
                S3Encryption::Unsaid => "bucket".to_owned(),
                S3Encryption::StorageKeys => "storage-keys".to_owned(),
                S3Encryption::ManagedKey { key_id: None } => "kms".to_owned(),
                S3Encryption::ManagedKey { key_id: Some(id) } => format!("kms:{id}"),
            }),
            storage_delivery: Some(match settings.delivery {
                S3Delivery::Through => DeliveryChoice::Through,
                S3Delivery::Presigned => DeliveryChoice::Presigned,
                S3Delivery::PresignedWithoutSize => DeliveryChoice::PresignedWithoutSize,
            }),
            storage_patience_seconds: Some(settings.patience.as_secs()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(given: &GivenStorage<'_>) -> Vec<String> {
        given.resolve().err().unwrap_or_default()
    }

    #[test]
    fn a_bucket_has_a_name_and_perhaps_a_prefix() {
        for (text, expected) in [
            ("s3://apps", Some(("apps", ""))),
            ("s3://apps/", Some(("apps", ""))),
            ("s3://apps/air/stair", Some(("apps", "air/stair"))),
            ("s3://", None),
            ("s3://apps//x", None),
            ("s3://key@apps", None),
            ("apps", None),
            ("https://apps", None),
        ] {
            let found = bucket(text).map(|found| (found.bucket, found.prefix));
            let expected = expected.map(|(bucket, prefix)| (bucket.to_owned(), prefix.to_owned()));
            assert_eq!(found.ok(), expected, "{text}");
        }
    }

    #[test]
    fn what_belongs_to_a_bucket_is_refused_without_one() {
        let given = GivenStorage { region: Some("x"), encryption: Some("kms"), ..GivenStorage::default() };
        let faults = faults(&given);
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert!(faults[0].starts_with("storage_region: "), "{faults:?}");
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let given = GivenStorage {
            storage: Some("s3://"),
            endpoint: Some("s3.example.com"),
            access_key_id: Some("AK"),
            roots: Some(Path::new("/nowhere/ca.pem")),
            encryption: Some("rot13"),
            ..GivenStorage::default()
        };
        assert_eq!(faults(&given).len(), 5, "{:?}", faults(&given));
    }

    #[test]
    fn a_key_is_read_from_a_file_of_amazons_tools() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("credentials");
        let given = GivenStorage {
            storage: Some("s3://apps"),
            credentials_file: Some(&file),
            ..GivenStorage::default()
        };
        assert!(faults(&given)[0].contains("can't be read"), "{:?}", faults(&given));
        fs::write(&file, "[default]\naws_access_key_id = AK\n").unwrap();
        assert!(faults(&given)[0].contains("lacks"), "{:?}", faults(&given));
        fs::write(&file, "[default]\naws_access_key_id = AK\naws_secret_access_key = SK+/=\n").unwrap();
        let Ok(Storage::Bucket(bucket)) = given.resolve() else { unreachable!("a bucket") };
        let S3Credentials::Key { id, secret, session_token } = bucket.settings.credentials else {
            unreachable!("a key")
        };
        assert_eq!((id.as_str(), secret.as_str(), session_token), ("AK", "SK+/=", None));
    }
}
