//! The storage of documents: bytes under keys, in a folder or in S3.
//!
//! Every operation ends within a time that is known before, also when the other side is dead, refuses or falls silent. What
//! went wrong is logged here, once, and told to the caller as one of three faults with a sentence that can be shown.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_core::stream::BoxStream;
use futures_util::StreamExt;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::client::HttpError;
use object_store::local::LocalFileSystem;
use object_store::{
    Attribute, Attributes, BackoffConfig, ClientOptions, ObjectStore, ObjectStoreExt, PutOptions, PutPayload,
    RetryConfig,
};
use tokio::time::timeout;

use super::kind::Kind;
use super::name::ObjectKey;
use super::settings::{S3Settings, StorageSettings};

/// How long the other side may take to let us in.
const CONNECT: Duration = Duration::from_secs(3);
/// How long it may take to answer, or to send the next piece of an object.
const ANSWER: Duration = Duration::from_secs(10);
/// How many bytes an upload has to manage in a second; the time for it grows with its size.
const SLOWEST_UPLOAD: u64 = 128 << 10;
/// How often a request is tried again, and for how long.
const RETRIES: usize = 2;
const RETRY_FOR: Duration = Duration::from_secs(5);

/// Where the bytes of documents are. Clones are the same storage.
#[derive(Debug, Clone)]
pub struct Storage(Place);

#[derive(Debug, Clone)]
enum Place {
    Folder(Arc<PathBuf>),
    S3(Arc<AmazonS3>),
}

/// An object as it comes out of the storage.
pub struct Object {
    /// Its size in bytes.
    pub size: u64,
    /// Its bytes. A fault ends them.
    pub content: BoxStream<'static, Result<Bytes, StorageError>>,
}

impl Storage {
    /// Makes the storage that the settings ask for. Nothing is touched before the first document comes, so that a Sprout
    /// starts where S3 is not up yet.
    ///
    /// # Errors
    ///
    /// When the settings cannot be used together.
    pub fn new(settings: &StorageSettings) -> Result<Self, String> {
        Ok(Self(match settings {
            StorageSettings::Folder(path) => Place::Folder(Arc::new(path.clone())),
            StorageSettings::S3(settings) => {
                let s3 =
                    s3(settings).map_err(|error| format!("the AWS_ settings cannot be used: {error}"))?;
                Place::S3(Arc::new(s3))
            }
        }))
    }

    /// Stores an object, on the disk when this returns, in the place of one that has the key.
    ///
    /// # Errors
    ///
    /// When the storage does not take it.
    pub async fn put(&self, key: &ObjectKey, kind: Kind, content: Bytes) -> Result<(), StorageError> {
        let time = ANSWER + Duration::from_secs(content.len() as u64 / SLOWEST_UPLOAD);
        let put = async {
            let store = self.store().await?;
            let mut attributes = Attributes::new();
            // A folder has nowhere to keep it; the database has it as well.
            if matches!(self.0, Place::S3(_)) {
                attributes.insert(Attribute::ContentType, kind.media_type().into());
            }
            store.put_opts(key.path(), PutPayload::from(content), PutOptions::from(attributes)).await
        };
        match within(time, "put", key, put).await {
            Ok(_) => Ok(()),
            // There is nothing that could be missing but the bucket.
            Err(mut error) => {
                if error.fault == StorageFault::Missing {
                    error.fault = StorageFault::Refused;
                }
                Err(error)
            }
        }
    }

    /// Opens an object.
    ///
    /// # Errors
    ///
    /// When there is none, or the storage does not answer.
    pub async fn get(&self, key: &ObjectKey) -> Result<Object, StorageError> {
        let found = within(ANSWER, "get", key, async { self.store().await?.get(key.path()).await }).await?;
        let size = found.meta.size;
        let key = key.clone();
        let pieces = futures_util::stream::unfold(Some(found.into_stream()), move |pieces| {
            let key = key.clone();
            async move {
                let mut pieces = pieces?;
                match within(ANSWER, "read", &key, async { pieces.next().await.transpose() }).await {
                    Ok(piece) => piece.map(|piece| (Ok(piece), Some(pieces))),
                    Err(error) => Some((Err(error), None)),
                }
            }
        });
        Ok(Object { size, content: pieces.boxed() })
    }

    /// Deletes an object; that there is none is what was wanted.
    ///
    /// # Errors
    ///
    /// When the storage does not answer, or refuses.
    pub async fn delete(&self, key: &ObjectKey) -> Result<(), StorageError> {
        let deleted =
            within(ANSWER, "delete", key, async { self.store().await?.delete(key.path()).await }).await;
        if let Place::Folder(path) = &self.0 {
            // What a process that was killed had written of it; that there is none is the rule.
            let begun = path.join(format!("{key}#1"));
            let _ = tokio::task::spawn_blocking(move || std::fs::remove_file(begun)).await;
        }
        match deleted {
            Err(error) if error.fault == StorageFault::Missing => Ok(()),
            other => other,
        }
    }

    async fn store(&self) -> object_store::Result<Arc<dyn ObjectStore>> {
        match &self.0 {
            Place::S3(s3) => Ok(Arc::clone(s3) as Arc<dyn ObjectStore>),
            Place::Folder(path) => {
                let path = Arc::clone(path);
                tokio::task::spawn_blocking(move || folder(&path)).await?
            }
        }
    }
}

fn folder(path: &std::path::Path) -> object_store::Result<Arc<dyn ObjectStore>> {
    std::fs::create_dir_all(path)
        .map_err(|source| object_store::Error::Generic { store: "folder", source: Box::new(source) })?;
    Ok(Arc::new(LocalFileSystem::new_with_prefix(path)?.with_fsync(true)))
}

fn s3(settings: &S3Settings) -> object_store::Result<AmazonS3> {
    // TLS takes the provider of the whole process; an error means that it has one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // Our own clocks run per operation; a clock of the client would also cut off whoever downloads slowly.
    let client = ClientOptions::new().with_connect_timeout(CONNECT).with_timeout_disabled();
    let retry = RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(1),
            base: 2.0,
        },
        max_retries: RETRIES,
        retry_timeout: RETRY_FOR,
    };
    let mut builder = AmazonS3Builder::new()
        .with_client_options(client)
        .with_retry(retry)
        .with_bucket_name(&settings.bucket)
        .with_region(&settings.region)
        .with_access_key_id(&settings.access_key_id)
        .with_secret_access_key(&settings.secret_access_key)
        // Paths instead of names of hosts, and no request but the simplest: what every server understands.
        .with_virtual_hosted_style_request(false)
        .with_disable_bulk_delete(true);
    if let Some(token) = &settings.session_token {
        builder = builder.with_token(token);
    }
    if let Some(endpoint) = &settings.endpoint {
        builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
    }
    builder.build()
}

/// Runs an operation within a time, and logs what goes wrong.
async fn within<T>(
    time: Duration,
    operation: &'static str,
    key: &ObjectKey,
    work: impl Future<Output = object_store::Result<T>>,
) -> Result<T, StorageError> {
    let error = match timeout(time, work).await {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(error)) => StorageError { fault: fault_of(&error), source: Some(error) },
        Err(_) => StorageError { fault: StorageFault::Unreachable, source: None },
    };
    if error.fault != StorageFault::Missing {
        let cause =
            error.source.as_ref().map_or_else(|| format!("no answer in {time:?}"), ToString::to_string);
        tracing::error!(operation, %key, cause, "the document storage failed");
    }
    Err(error)
}

/// What is wrong with the storage, as far as a client has to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StorageFault {
    /// There is no such object; for a client, status 404.
    Missing,
    /// The storage does not answer or does not work; status 503.
    Unreachable,
    /// The storage refuses us: wrong keys, no such bucket; status 502.
    Refused,
}

/// An operation of the storage that failed. What it displays can be shown to a client; the cause is its source, and was
/// logged.
#[derive(Debug)]
pub struct StorageError {
    fault: StorageFault,
    source: Option<object_store::Error>,
}

impl StorageError {
    /// Returns what is wrong.
    pub fn fault(&self) -> StorageFault {
        self.fault
    }
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.fault {
            StorageFault::Missing => "The file of the document is not in the storage",
            StorageFault::Unreachable => "The document storage cannot be used at the moment",
            StorageFault::Refused => "The document storage refuses the server",
        })
    }
}

impl Error for StorageError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}

fn fault_of(error: &object_store::Error) -> StorageFault {
    match error {
        // S3 answers 404 for both, and only the text of the answer says which.
        object_store::Error::NotFound { source, .. } if source.to_string().contains("NoSuchBucket") => {
            StorageFault::Refused
        }
        object_store::Error::NotFound { .. } => StorageFault::Missing,
        object_store::Error::Generic { store: "S3", source } => {
            let is_unreached = causes(source.as_ref()).any(|cause| cause.is::<HttpError>());
            let is_their_fault = source.to_string().contains("status code: 5");
            if is_unreached || is_their_fault { StorageFault::Unreachable } else { StorageFault::Refused }
        }
        object_store::Error::Generic { .. } | object_store::Error::JoinError { .. } => {
            StorageFault::Unreachable
        }
        _ => StorageFault::Refused,
    }
}

fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&cause| cause.source())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use futures_util::TryStreamExt;
    use tempfile::TempDir;

    use super::*;

    type Result<T = (), E = Box<dyn Error>> = std::result::Result<T, E>;

    fn in_folder(path: &Path) -> Result<Storage> {
        Ok(Storage::new(&StorageSettings::Folder(path.to_owned()))?)
    }

    async fn content(storage: &Storage, key: &ObjectKey) -> Result<Vec<u8>> {
        let object = storage.get(key).await?;
        let content = object.content.try_collect::<Vec<Bytes>>().await?.concat();
        assert_eq!(content.len() as u64, object.size);
        Ok(content)
    }

    #[tokio::test]
    async fn a_folder_takes_gives_replaces_and_deletes() -> Result {
        let folder = TempDir::new()?;
        let storage = in_folder(&folder.path().join("a/b"))?;
        assert_eq!(fs::read_dir(&folder)?.count(), 0, "nothing is made before the first document");
        let key = ObjectKey::new("7f", "a.pdf");
        let large = vec![7; 3 << 20];
        storage.put(&key, Kind::Pdf, Bytes::from(large.clone())).await?;
        assert_eq!(content(&storage, &key).await?, large);
        storage.put(&key, Kind::Pdf, Bytes::from_static(b"second")).await?;
        assert_eq!(content(&storage, &key).await?, b"second");
        assert_eq!(fs::read(folder.path().join("a/b/documents/7f.pdf"))?, b"second");
        // A process that was killed while it stored had come this far.
        fs::write(folder.path().join("a/b/documents/7f.pdf#1"), b"sec")?;
        storage.delete(&key).await?;
        storage.delete(&key).await?;
        assert_eq!(fs::read_dir(folder.path().join("a/b/documents"))?.count(), 0);
        let error = storage.get(&key).await.err().ok_or("it is still there")?;
        assert_eq!(error.fault(), StorageFault::Missing);
        Ok(())
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_made_is_a_fault_and_says_nothing_of_paths() -> Result {
        let folder = TempDir::new()?;
        fs::write(folder.path().join("file"), "")?;
        let storage = in_folder(&folder.path().join("file/documents"))?;
        let put = storage.put(&ObjectKey::new("7f", "a.txt"), Kind::Text, Bytes::from_static(b"x")).await;
        let error = put.err().ok_or("it was stored")?;
        assert_eq!(error.fault(), StorageFault::Unreachable);
        assert_eq!(error.to_string(), "The document storage cannot be used at the moment");
        assert!(error.source().is_some());
        Ok(())
    }
}
