//! Where documents come in, are handed out and go: storage, reader and database together.
//!
//! An upload is taken as a whole or not at all. Its objects are announced in the database before they are stored, and the
//! rows take the announcement's place when all are there; see `store/documents.rs`.

use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::join_all;
use seedbed::Pool;

use super::{Extractor, Kind, Object, ObjectKey, Storage, StorageError, StorageFault, file_name};
use crate::error::AppError;
use crate::store::documents::{self, Listed, Stored};

/// How long a request waits until the objects of what it deleted are away.
const PATIENCE: Duration = Duration::from_secs(1);

/// Keeps documents. Clones are the same shelf.
#[derive(Debug, Clone)]
pub struct Shelf {
    pool: Pool,
    storage: Storage,
    extractor: Extractor,
}

/// A file as a client sent it.
#[derive(Debug, Clone)]
pub struct Upload {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub declared: String,
    /// Its bytes.
    pub content: Bytes,
}

/// A document that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The document.
    pub document: Listed,
    /// How long its text is, in UTF-16 units as clients of the original count; 0 where there is none.
    pub text_length: usize,
}

/// A file that is known for what it is.
struct File {
    id: String,
    name: String,
    kind: Kind,
    key: ObjectKey,
    content: Bytes,
}

impl Shelf {
    /// Makes a shelf.
    pub fn new(pool: Pool, storage: Storage, extractor: Extractor) -> Self {
        Self { pool, storage, extractor }
    }

    /// Takes the files of a request for a node: all of them, or none when one cannot be taken. A file whose text cannot be
    /// read is taken. The work goes on when the future is dropped, so that a client that leaves leaves nothing half done.
    ///
    /// # Errors
    ///
    /// When a file is of a kind that is not taken, there is no such node, or the storage fails.
    pub async fn take(&self, node_id: String, uploads: Vec<Upload>) -> Result<Vec<Taken>, AppError> {
        let files = uploads.into_iter().map(File::of).collect::<Result<Vec<_>, _>>()?;
        let shelf = self.clone();
        let work = tokio::spawn(async move { shelf.take_files(node_id, files).await });
        work.await.unwrap_or_else(|error| Err(AppError::Broken(error.to_string())))
    }

    async fn take_files(&self, node_id: String, files: Vec<File>) -> Result<Vec<Taken>, AppError> {
        let keys: Vec<_> = files.iter().map(|file| file.key.to_string()).collect();
        let (node, announced) = (node_id.clone(), keys.clone());
        self.pool.write(move |tx| documents::expect(tx, &node, &announced)).await?;
        let taken = self.store(node_id, files).await;
        if taken.is_err() {
            self.clear(keys).await;
        }
        taken
    }

    async fn store(&self, node_id: String, files: Vec<File>) -> Result<Vec<Taken>, AppError> {
        let texts =
            join_all(files.iter().map(|file| self.extractor.read(file.kind, file.content.clone()))).await;
        let mut stored = Vec::new();
        for (file, text) in files.into_iter().zip(texts) {
            let size = i64::try_from(file.content.len()).unwrap_or(i64::MAX);
            self.storage.put(&file.key, file.kind, file.content).await?;
            stored.push(Stored {
                id: file.id,
                original_filename: file.name,
                s3_key: file.key.to_string(),
                mime_type: file.kind.media_type().to_owned(),
                file_size_bytes: size,
                text: text.map_err(|unread| unread.to_string()),
            });
        }
        let lengths: Vec<_> = stored
            .iter()
            .map(|file| file.text.as_ref().map_or(0, |text| text.encode_utf16().count()))
            .collect();
        let recorded = self.pool.write(move |tx| documents::record(tx, &node_id, &stored)).await?;
        let taken = recorded.into_iter().zip(lengths);
        Ok(taken.map(|(document, text_length)| Taken { document, text_length }).collect())
    }

    /// Opens a document of a node.
    ///
    /// # Errors
    ///
    /// When the node has no such document, or the storage fails.
    pub async fn open(&self, node_id: String, id: String) -> Result<(Listed, Object), AppError> {
        let document = self.pool.read(move |tx| documents::get(tx, &node_id, &id)).await?;
        let key = ObjectKey::parse(&document.s3_key).ok_or(AppError::NotFound("Document not found"))?;
        let object = self.storage.get(&key).await?;
        Ok((document, object))
    }

    /// Returns the bytes of an object as a whole; `None` when the storage has none under this key.
    ///
    /// # Errors
    ///
    /// When the storage fails.
    pub async fn content(&self, key: &str) -> Result<Option<Vec<u8>>, StorageError> {
        // Rows of the original may name objects of a storage that is not ours.
        let Some(key) = ObjectKey::parse(key) else { return Ok(None) };
        let mut object = match self.storage.get(&key).await {
            Err(error) if error.fault() == StorageFault::Missing => return Ok(None),
            opened => opened?,
        };
        let mut content = Vec::new();
        while let Some(piece) = object.content.next().await {
            content.extend_from_slice(&piece?);
        }
        Ok(Some(content))
    }

    /// Stores an object whose key was announced.
    ///
    /// # Errors
    ///
    /// When the storage does not take it.
    pub async fn put(&self, key: &ObjectKey, kind: Kind, content: Bytes) -> Result<(), StorageError> {
        self.storage.put(key, kind, content).await
    }

    /// Removes a document of a node.
    ///
    /// # Errors
    ///
    /// When the node has no such document.
    pub async fn remove(&self, node_id: String, id: String) -> Result<(), AppError> {
        let key = self.pool.write(move |tx| documents::remove(tx, &node_id, &id)).await?;
        self.clear_soon(vec![key]).await;
        Ok(())
    }

    /// Returns the keys of what an earlier run could not remove: objects of documents that are gone, and of uploads that were
    /// cut off. To be asked before the first upload.
    ///
    /// # Errors
    ///
    /// When the database refuses.
    pub async fn leftovers(&self) -> Result<Vec<String>, seedbed::Error> {
        self.pool.read(|tx| documents::doomed(tx)).await
    }

    /// Removes what is left over of an earlier run, and from time to time what could not be removed since. It does not end by
    /// itself; wherever it is dropped, what is not done yet stands in the database.
    pub async fn keep_tidy(self, leftovers: Vec<String>, pause: Duration) {
        self.sweep(leftovers).await;
        loop {
            tokio::time::sleep(pause).await;
            self.try_again().await;
        }
    }

    /// Removes what could not be removed before. An upload or an import that is under way is left alone: only what somebody
    /// tried to remove was claimed for removal.
    async fn try_again(&self) {
        match self.pool.read(|tx| documents::claimed(tx)).await {
            Ok(keys) => self.clear(keys).await,
            Err(error) => tracing::warn!(?error, "it is not known which objects are left over"),
        }
    }

    /// Removes what is left over, but for objects that have found their rows meanwhile: an import runs beside the server.
    pub async fn sweep(&self, leftovers: Vec<String>) {
        for key in leftovers {
            let claimed = key.clone();
            match self.pool.write(move |tx| documents::claim(tx, &claimed)).await {
                Ok(true) => self.clear(vec![key]).await,
                Ok(false) => {}
                Err(error) => tracing::warn!(?error, "an object that is left over is not removed"),
            }
        }
    }

    /// Removes objects whose rows are gone, and goes on with it when that takes long: nobody waits for a storage that does not
    /// answer.
    pub async fn clear_soon(&self, keys: Vec<String>) {
        let shelf = self.clone();
        let clearing = tokio::spawn(async move { shelf.clear(keys).await });
        // What comes of it is in the log and in the database.
        let _ = tokio::time::timeout(PATIENCE, clearing).await;
    }

    /// Removes objects whose rows are gone. One that cannot be removed now is claimed for removal, and tried again later; the
    /// storage has logged why.
    pub async fn clear(&self, keys: Vec<String>) {
        let mut left = Vec::new();
        let mut keys = keys.into_iter();
        while let Some(key) = keys.next() {
            // A key that leads elsewhere is none of ours, and nothing is to be removed there.
            if let Some(object) = ObjectKey::parse(&key)
                && let Err(error) = self.storage.delete(&object).await
            {
                left.push(key);
                if error.fault() == StorageFault::Unreachable {
                    left.extend(keys.by_ref());
                }
                continue;
            }
            let cleared = self.pool.write(move |tx| Ok::<_, AppError>(documents::spare(tx, &key)?)).await;
            if let Err(error) = cleared {
                tracing::warn!(?error, "an object that was removed is not crossed off");
            }
        }
        if left.is_empty() {
            return;
        }
        let claim = self.pool.write(move |tx| {
            left.iter().try_for_each(|key| documents::claim(tx, key).map(drop)).map_err(AppError::from)
        });
        if let Err(error) = claim.await {
            tracing::warn!(?error, "what could not be removed is not tried again before the next start");
        }
    }
}

impl File {
    fn of(upload: Upload) -> Result<Self, AppError> {
        let name = file_name(&upload.name);
        let kind = Kind::of(&upload.content, &name, &upload.declared)
            .map_err(|error| AppError::UnsupportedMediaType(error.to_string().into()))?;
        let id = crate::store::new_id();
        Ok(Self { key: ObjectKey::new(&id, &name), id, name, kind, content: upload.content })
    }
}
