use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::{BackoffConfig, Certificate, ClientOptions, RetryConfig};
use url::{Host, Url};

/// How often a request that failed is sent again at most, and after which pause at most.
const RETRIES: usize = 20;
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How many times as long as others a request may take that carries an upload.
const UPLOADS_LONGER: u32 = 6;

/// Which bucket, and how to get at it.
#[derive(Clone, Debug)]
pub struct S3Settings {
    /// The bucket's name.
    pub bucket: String,
    /// What stands before each object's name, such as `airstair`; may be empty.
    pub prefix: String,
    /// The region; `us-east-1` where none is given, as storage other than Amazon's expects.
    pub region: Option<String>,
    /// Where the storage answers, when that is not Amazon's own address.
    pub endpoint: Option<Url>,
    /// Where requests name the bucket.
    pub addressing: S3Addressing,
    /// Who asks.
    pub credentials: S3Credentials,
    /// Roots to trust beside those of the system, in PEM.
    pub roots_pem: Option<Vec<u8>>,
    /// What the storage is asked to encrypt objects with.
    pub encryption: S3Encryption,
    /// Who sends blobs to devices.
    pub delivery: S3Delivery,
    /// A folder of this machine for a copy of each upload while it is looked into; no copies without it. They have no
    /// names, and leave 1 GiB free.
    pub copies: Option<PathBuf>,
    /// How long a request that fails is sent again, and how long the storage may be silent, before it is given up. 20
    /// seconds. Requests that carry an upload may take six times as long.
    pub patience: Duration,
}

/// Who sends blobs to devices.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum S3Delivery {
    /// Whoever opened the depot.
    #[default]
    Through,
    /// The storage itself, at presigned addresses.
    Presigned,
    /// The same, also where the storage tells no size at such addresses: most sign for one method alone.
    PresignedWithoutSize,
}

/// Where requests name the bucket.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum S3Addressing {
    /// In the path: `https://endpoint/bucket/key`.
    #[default]
    Path,
    /// In the host: `https://bucket.endpoint/key`. The endpoint is given without the bucket.
    VirtualHost,
}

/// Who asks.
#[derive(Clone)]
pub enum S3Credentials {
    /// Whoever the surroundings say: the `AWS_…` variables, a web identity, the container's or the machine's role.
    Surroundings,
    /// A key.
    Key {
        /// The access key's id.
        id: String,
        /// Its secret.
        secret: String,
        /// The session's token, for a key that is lent.
        session_token: Option<String>,
    },
}

/// What the storage is asked to encrypt objects with (`x-amz-server-side-encryption`).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum S3Encryption {
    /// The bucket decides.
    #[default]
    Unsaid,
    /// The storage's own keys: `AES256`.
    StorageKeys,
    /// A key of the key management service: `aws:kms`.
    ManagedKey {
        /// Which; the service's default key where none is named.
        key_id: Option<String>,
    },
}

/// Settings that can't work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum S3SettingsError {
    /// The prefix is no path of an object.
    #[error("the prefix is no path of an object")]
    Prefix(#[source] object_store::path::Error),
    /// The bucket's name does not fit into the endpoint's host.
    #[error(
        "the host of {endpoint} can't have the bucket's name before it; have the bucket named in the path"
    )]
    Host {
        /// The endpoint.
        endpoint: Url,
    },
    /// The roots can't be read.
    #[error("the storage's roots are no certificates in PEM")]
    Roots(#[source] object_store::Error),
    /// Something else.
    #[error("the storage's settings can't work")]
    Other(#[source] object_store::Error),
}

impl S3Settings {
    /// A bucket with the defaults: credentials from the surroundings, Amazon's addresses.
    #[must_use]
    pub fn new(bucket: impl Into<String>) -> Self {
        Self {
            bucket: bucket.into(),
            prefix: String::new(),
            region: None,
            endpoint: None,
            addressing: S3Addressing::Path,
            credentials: S3Credentials::Surroundings,
            roots_pem: None,
            encryption: S3Encryption::Unsaid,
            delivery: S3Delivery::Through,
            copies: None,
            patience: Duration::from_secs(20),
        }
    }

    /// A client for most requests, and one for those that carry an upload.
    pub(super) fn build(&self) -> Result<(AmazonS3, AmazonS3), S3SettingsError> {
        let store = self.client(self.patience)?.build().map_err(S3SettingsError::Other)?;
        let uploads = self.client(self.patience * UPLOADS_LONGER)?;
        // A role's credentials are asked for once.
        let uploads = uploads.with_credentials(Arc::clone(store.credentials()));
        Ok((store, uploads.build().map_err(S3SettingsError::Other)?))
    }

    fn client(&self, patience: Duration) -> Result<AmazonS3Builder, S3SettingsError> {
        let mut builder = match &self.credentials {
            S3Credentials::Surroundings => AmazonS3Builder::from_env(),
            S3Credentials::Key { id, secret, session_token } => {
                let builder = AmazonS3Builder::new().with_access_key_id(id).with_secret_access_key(secret);
                match session_token {
                    Some(token) => builder.with_token(token),
                    None => builder,
                }
            }
        };
        builder = builder
            .with_bucket_name(&self.bucket)
            .with_virtual_hosted_style_request(self.addressing == S3Addressing::VirtualHost)
            .with_retry(RetryConfig {
                max_retries: RETRIES,
                retry_timeout: patience,
                backoff: BackoffConfig { max_backoff: LONGEST_PAUSE, ..BackoffConfig::default() },
            })
            // Some storage can't delete several objects at once, and here it is always one.
            .with_config(AmazonS3ConfigKey::DisableBulkDelete, "true")
            .with_client_options(self.client_options(patience)?);
        if let Some(region) = &self.region {
            builder = builder.with_region(region);
        }
        if let Some(endpoint) = &self.endpoint {
            let endpoint = match self.addressing {
                S3Addressing::Path => endpoint.clone(),
                S3Addressing::VirtualHost => self.with_bucket_in_host(endpoint)?,
            };
            builder = builder.with_endpoint(endpoint.as_str().trim_end_matches('/'));
        }
        for (name, value) in self.encryption.settings() {
            let key: AmazonS3ConfigKey = name.parse().map_err(S3SettingsError::Other)?;
            builder = builder.with_config(key, value);
        }
        Ok(builder)
    }

    /// What `object_store` takes as it is when the bucket is named in the host.
    fn with_bucket_in_host(&self, endpoint: &Url) -> Result<Url, S3SettingsError> {
        let refused = || S3SettingsError::Host { endpoint: endpoint.clone() };
        let Some(Host::Domain(domain)) = endpoint.host() else { return Err(refused()) };
        let host = format!("{}.{domain}", self.bucket);
        let mut there = endpoint.clone();
        there.set_host(Some(&host)).map_err(|_| refused())?;
        Ok(there)
    }

    fn client_options(&self, patience: Duration) -> Result<ClientOptions, S3SettingsError> {
        let mut options = ClientOptions::new()
            .with_allow_http(self.endpoint.as_ref().is_some_and(|endpoint| endpoint.scheme() == "http"))
            .with_connect_timeout(self.patience)
            // A slow phone may take hours over a package.
            .with_timeout_disabled()
            .with_default_content_type("application/octet-stream")
            .with_read_timeout(patience);
        if let Some(pem) = &self.roots_pem {
            for root in Certificate::from_pem_bundle(pem).map_err(S3SettingsError::Roots)? {
                options = options.with_root_certificate(root);
            }
        }
        Ok(options)
    }
}

impl S3Encryption {
    fn settings(&self) -> Vec<(&'static str, String)> {
        const ALGORITHM: &str = "aws_server_side_encryption";
        match self {
            Self::Unsaid => Vec::new(),
            Self::StorageKeys => vec![(ALGORITHM, "AES256".to_owned())],
            Self::ManagedKey { key_id } => {
                let key = key_id.iter().map(|id| ("aws_sse_kms_key_id", id.clone()));
                [(ALGORITHM, "aws:kms".to_owned())].into_iter().chain(key).collect()
            }
        }
    }
}

impl fmt::Debug for S3Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Surroundings => f.write_str("Surroundings"),
            Self::Key { id, .. } => f.debug_struct("Key").field("id", id).finish_non_exhaustive(),
        }
    }
}
