//! A server that speaks S3 in this process: one bucket, one key that may use it, and what is put into memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use axum::Router;
use axum::error_handling::HandleError;
use axum::http::StatusCode;
use bytes::Bytes;
use futures_util::TryStreamExt;
use s3s::auth::SimpleAuth;
use s3s::dto::{
    DeleteObjectInput, DeleteObjectOutput, ETag, GetObjectInput, GetObjectOutput, PutObjectInput,
    PutObjectOutput, StreamingBlob, Timestamp,
};
use s3s::service::S3ServiceBuilder;
use s3s::{Body, S3, S3Request, S3Response, S3Result, s3_error};
use sprout::documents::{S3Settings, Storage, StorageSettings};
use tokio::net::TcpListener;

use crate::Result;

const BUCKET: &str = "notes";
const KEY_ID: &str = "AKID";
const SECRET: &str = "hush";

/// Objects by their keys, with their media types.
type Objects = BTreeMap<String, (Option<String>, Bytes)>;

/// The server, until it is dropped with the runtime of its test.
pub(crate) struct Server {
    objects: Arc<Mutex<Objects>>,
    address: String,
}

impl Server {
    pub(crate) async fn start() -> Result<Self> {
        let objects = Arc::new(Mutex::new(Objects::new()));
        let mut builder = S3ServiceBuilder::new(Bucket(Arc::clone(&objects)));
        builder.set_auth(SimpleAuth::from_single(KEY_ID, SECRET));
        let service = HandleError::new(builder.build(), |error: s3s::HttpError| async move {
            (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:?}"))
        });
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = format!("http://{}", listener.local_addr()?);
        let router = Router::new().fallback_service(service);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { objects, address })
    }

    /// Returns the settings that work.
    pub(crate) fn settings(&self) -> S3Settings {
        settings(&self.address)
    }

    pub(crate) fn objects(&self) -> Objects {
        locked(&self.objects).clone()
    }
}

/// Returns settings for a server somewhere else.
pub(crate) fn settings(endpoint: &str) -> S3Settings {
    S3Settings {
        bucket: BUCKET.to_owned(),
        region: "us-east-1".to_owned(),
        access_key_id: KEY_ID.to_owned(),
        secret_access_key: SECRET.to_owned(),
        session_token: None,
        endpoint: Some(endpoint.to_owned()),
    }
}

pub(crate) fn storage(settings: S3Settings) -> Result<Storage> {
    Ok(Storage::new(&StorageSettings::S3(settings))?)
}

fn locked(objects: &Mutex<Objects>) -> MutexGuard<'_, Objects> {
    objects.lock().expect("nothing panics that holds it")
}

/// Clients insist on one, and ours compares none.
fn etag() -> ETag {
    ETag::Strong("tag".to_owned())
}

struct Bucket(Arc<Mutex<Objects>>);

impl Bucket {
    fn check(bucket: &str) -> S3Result<()> {
        if bucket == BUCKET { Ok(()) } else { Err(s3_error!(NoSuchBucket)) }
    }
}

#[async_trait]
impl S3 for Bucket {
    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let PutObjectInput { bucket, key, body, content_type, .. } = request.input;
        Self::check(&bucket)?;
        let body = body.ok_or_else(|| s3_error!(IncompleteBody))?;
        // The content is hashed as it comes, and an error ends it where the hash is not the one that was signed.
        let content = body.try_collect::<Vec<Bytes>>().await;
        let content = content.map_err(|error| s3_error!(InvalidRequest, "{error}"))?.concat();
        locked(&self.0).insert(key, (content_type, content.into()));
        Ok(S3Response::new(PutObjectOutput { e_tag: Some(etag()), ..PutObjectOutput::default() }))
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let GetObjectInput { bucket, key, .. } = request.input;
        Self::check(&bucket)?;
        let found = locked(&self.0).get(&key).cloned();
        let (content_type, content) = found.ok_or_else(|| s3_error!(NoSuchKey))?;
        Ok(S3Response::new(GetObjectOutput {
            content_length: Some(content.len() as i64),
            content_type,
            e_tag: Some(etag()),
            last_modified: Some(Timestamp::default()),
            body: Some(StreamingBlob::from(Body::from(content))),
            ..GetObjectOutput::default()
        }))
    }

    async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        Self::check(&request.input.bucket)?;
        locked(&self.0).remove(&request.input.key);
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }
}
