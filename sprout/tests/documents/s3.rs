//! Documents in S3: what goes there and comes back, and what a server that is dead, silent or not ours does to us.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::TryStreamExt;
use sprout::documents::{Kind, LARGEST_DOCUMENT, ObjectKey, S3Settings, Storage, StorageFault};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::Result;
use crate::s3_server::{Server, settings, storage};

async fn content(storage: &Storage, key: &ObjectKey) -> Result<Vec<u8>> {
    let object = storage.get(key).await?;
    let content = object.content.try_collect::<Vec<Bytes>>().await?.concat();
    assert_eq!(content.len() as u64, object.size);
    Ok(content)
}

/// Does each operation once and returns what went wrong with it, and how long all of them took.
async fn faults(settings: S3Settings) -> Result<([Option<StorageFault>; 3], Duration)> {
    let storage = storage(settings)?;
    let key = ObjectKey::new("7f", "a.txt");
    let started = Instant::now();
    let (put, got, deleted) = tokio::join!(
        storage.put(&key, Kind::Text, Bytes::from_static(b"x")),
        storage.get(&key),
        storage.delete(&key)
    );
    let faults = [put.err(), got.err(), deleted.err()];
    Ok((faults.map(|error| error.map(|error| error.fault())), started.elapsed()))
}

#[tokio::test]
async fn a_document_goes_there_comes_back_and_goes_away() -> Result {
    let server = Server::start().await?;
    let storage = storage(server.settings())?;
    let (large, small) = (ObjectKey::new("7f", "Übung.pdf"), ObjectKey::new("80", "../../a.md"));
    let pages = Bytes::from((0..LARGEST_DOCUMENT).map(|i| (i % 251) as u8).collect::<Vec<_>>());
    storage.put(&large, Kind::Pdf, pages.clone()).await?;
    storage.put(&small, Kind::Markdown, Bytes::from_static(b"# first")).await?;
    storage.put(&small, Kind::Markdown, Bytes::from_static(b"# second")).await?;

    let objects = server.objects();
    let stored: Vec<_> =
        objects.iter().map(|(key, (kind, bytes))| (key.as_str(), kind.as_deref(), bytes.len())).collect();
    assert_eq!(
        stored,
        [
            ("documents/7f.pdf", Some("application/pdf"), LARGEST_DOCUMENT),
            ("documents/80.md", Some("text/markdown"), 8),
        ]
    );
    assert!(content(&storage, &large).await? == pages);
    assert_eq!(content(&storage, &small).await?, b"# second");

    storage.delete(&large).await?;
    storage.delete(&large).await?;
    assert_eq!(server.objects().len(), 1);
    let error = storage.get(&large).await.err().ok_or("it is still there")?;
    assert_eq!(error.fault(), StorageFault::Missing);
    assert_eq!(error.to_string(), "The file of the document is not in the storage");
    Ok(())
}

#[tokio::test]
async fn a_wrong_key_or_bucket_is_refused_and_nothing_is_said_about_it() -> Result {
    let server = Server::start().await?;
    let right = server.settings();
    for wrong in [
        S3Settings { secret_access_key: "guess".to_owned(), ..right.clone() },
        S3Settings { access_key_id: "somebody".to_owned(), ..right.clone() },
        S3Settings { bucket: "elsewhere".to_owned(), ..right.clone() },
    ] {
        let (faults, _) = faults(wrong.clone()).await?;
        assert_eq!(faults, [Some(StorageFault::Refused); 3], "{wrong:?}");
        let put = storage(wrong)?.put(&ObjectKey::new("7f", "a.txt"), Kind::Text, Bytes::new()).await;
        assert_eq!(put.unwrap_err().to_string(), "The document storage refuses the server");
    }
    assert!(server.objects().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_dead_server_is_noticed_within_seconds() -> Result {
    // The port was ours a moment ago, so nobody listens on it.
    let address = TcpListener::bind(("127.0.0.1", 0)).await?.local_addr()?;
    let (faults, time) = faults(settings(&format!("http://{address}"))).await?;
    assert_eq!(faults, [Some(StorageFault::Unreachable); 3]);
    assert!(time < Duration::from_secs(5), "{time:?}");
    Ok(())
}

#[tokio::test]
async fn a_silent_server_is_given_up() -> Result {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        let mut silent = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            silent.push(stream);
        }
    });
    let (faults, time) = faults(settings(&format!("http://{address}"))).await?;
    assert_eq!(faults, [Some(StorageFault::Unreachable); 3]);
    assert!(time < Duration::from_secs(15), "{time:?}");
    Ok(())
}

/// Starts a server that answers every request with the same bytes, and does it three times to a new storage.
async fn faults_of_answer(answer: &'static [u8]) -> Result<[Option<StorageFault>; 3]> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 64 << 10];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(answer).await;
            });
        }
    });
    Ok(faults(settings(&format!("http://{address}"))).await?.0)
}

#[tokio::test]
async fn a_server_in_trouble_is_not_one_that_refuses() -> Result {
    let (unreachable, refused) = ([Some(StorageFault::Unreachable); 3], [Some(StorageFault::Refused); 3]);
    for (answer, faults) in [
        (&b"HTTP/1.1 500 x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"[..], unreachable),
        (b"HTTP/1.1 503 x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", unreachable),
        (b"SSH-2.0-OpenSSH_9.2\r\n", unreachable),
        (b"", unreachable),
        (b"HTTP/1.1 400 x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", refused),
        (b"HTTP/1.1 301 x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", refused),
    ] {
        assert_eq!(faults_of_answer(answer).await?, faults, "{}", answer.escape_ascii());
    }
    Ok(())
}

#[tokio::test]
async fn a_download_that_breaks_off_ends_with_a_fault() -> Result {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 64 << 10];
            let _ = stream.read(&mut request).await;
            let head = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\nlast-modified: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n";
            let _ = stream.write_all(head.as_bytes()).await;
            let _ = stream.write_all(b"only this").await;
        }
    });
    let storage = storage(settings(&format!("http://{address}")))?;
    let object = storage.get(&ObjectKey::new("7f", "a.txt")).await?;
    assert_eq!(object.size, 1000);
    let error = object.content.try_collect::<Vec<Bytes>>().await.unwrap_err();
    assert_eq!(error.fault(), StorageFault::Unreachable);
    Ok(())
}
