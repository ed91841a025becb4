//! `/api/nodes/:id/documents`: uploads, downloads, and that nothing is left behind.

use std::error::Error;
use std::fs;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::json;
use tokio::time::timeout;

use crate::support::{Reply, Result, TestApp, UNKNOWN, each, keys_in_order};

/// A part of a form: the field's name, the file's name, its media type and its bytes.
type Part<'a> = (&'a str, &'a str, &'a str, &'a [u8]);

async fn upload(app: &TestApp, node: &str, parts: &[Part<'_>]) -> Result<Reply> {
    let mut body = Vec::new();
    for (field, name, media_type, content) in parts {
        let head = format!(
            "--limit\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: {media_type}\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--limit--\r\n");
    let request = Request::post(format!("/api/nodes/{node}/documents"))
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=limit");
    app.send(request.body(Body::from(body))?).await
}

/// Counts the objects in the storage.
fn objects(app: &TestApp) -> usize {
    fs::read_dir(app.folder.path().join("documents")).map_or(0, Iterator::count)
}

#[tokio::test]
async fn files_are_taken_listed_and_given_back() -> Result {
    let app = TestApp::new().await?;
    let node = app.node("root", "r", None, None).await?;
    let parts: [Part<'_>; 2] = [
        ("files", "Übung 1.md", "text/markdown", "# Bäume\n\nGrün 🌳".as_bytes()),
        ("files", "../../etc/passwd", "application/pdf", b"plain words"),
    ];
    let reply = upload(&app, &node, &parts).await?;
    assert_eq!(reply.status, 201, "{}", reply.text);
    keys_in_order(
        &reply.text,
        "uploaded id nodeId originalFilename mimeType fileSizeBytes extractionStatus extractedTextLength createdAt",
    );
    let uploaded = reply.json()["uploaded"].clone();
    assert_eq!(each(&uploaded, "originalFilename"), ["Übung 1.md", "passwd"]);
    assert_eq!(each(&uploaded, "mimeType"), ["text/markdown", "text/plain"]);
    assert_eq!(each(&uploaded, "extractionStatus"), ["completed", "completed"]);
    assert_eq!(uploaded[0]["extractedTextLength"], json!("# Bäume\n\nGrün 🌳".encode_utf16().count()));

    let path = format!("/api/nodes/{node}/documents");
    let list = app.get(&path).await?;
    keys_in_order(&list.text, "id nodeId originalFilename mimeType fileSizeBytes extractionStatus createdAt");
    assert_eq!(each(&list.json(), "id"), each(&uploaded, "id"));
    assert!(!list.text.contains("Grün") && !list.text.contains("documents/"), "{}", list.text);

    let id = uploaded[0]["id"].as_str().ok_or("no id")?;
    let file = app.get(&format!("{path}/{id}/file")).await?;
    assert_eq!(file.text, "# Bäume\n\nGrün 🌳");
    assert_eq!(file.header(header::CONTENT_TYPE), Some("text/markdown"));
    assert_eq!(file.header(header::X_CONTENT_TYPE_OPTIONS), Some("nosniff"));
    let disposition = file.header(header::CONTENT_DISPOSITION).ok_or("it would be shown")?;
    assert!(
        disposition.starts_with("attachment;") && disposition.contains("%C3%9Cbung%201.md"),
        "{disposition}"
    );
    let head = app.send(Request::head(format!("{path}/{id}/file")).body(Body::empty())?).await?;
    assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
    assert_eq!(head.header(header::CONTENT_LENGTH), Some(file.text.len().to_string().as_str()));
    assert_eq!(head.header(header::CONTENT_DISPOSITION), Some(disposition));
    assert_eq!((objects(&app), app.count("object_removals").await?), (2, 0));
    Ok(())
}

#[tokio::test]
async fn a_document_goes_with_its_object() -> Result {
    let app = TestApp::new().await?;
    let (node, other) = (app.node("root", "r", None, None).await?, app.node("root", "o", None, None).await?);
    let reply = upload(&app, &node, &[("files", "a.txt", "text/plain", b"a")]).await?;
    let id = reply.json()["uploaded"][0]["id"].as_str().ok_or("no id")?.to_owned();
    for path in
        [format!("/api/nodes/{other}/documents/{id}"), format!("/api/nodes/{node}/documents/{UNKNOWN}")]
    {
        app.delete(&path).await?.refused(404, "Document not found");
        app.get(&format!("{path}/file")).await?.refused(404, "Document not found");
    }
    app.delete(&format!("/api/nodes/{node}"))
        .await?
        .refused(409, "Node is still in use by its children or by what was recorded about it");
    let path = format!("/api/nodes/{node}/documents/{id}");
    assert_eq!(app.delete(&path).await?.status, 204);
    assert_eq!(
        (objects(&app), app.count("topic_documents").await?, app.count("object_removals").await?),
        (0, 0, 0)
    );
    app.delete(&path).await?.refused(404, "Document not found");
    Ok(())
}

#[tokio::test]
async fn a_branch_takes_its_documents_along() -> Result {
    let app = TestApp::new().await?;
    let branch = app.branch("b").await?;
    let node = app.node("root", "r", Some(&branch), None).await?;
    upload(&app, &node, &[("files", "a.txt", "", b"a"), ("files", "b.txt", "", b"b")]).await?;
    let other = app.node("root", "o", None, None).await?;
    upload(&app, &other, &[("files", "c.txt", "", b"c")]).await?;
    assert_eq!(app.delete(&format!("/api/branches/{branch}")).await?.status, 204);
    assert_eq!(
        (objects(&app), app.count("topic_documents").await?, app.count("object_removals").await?),
        (1, 1, 0)
    );
    Ok(())
}

#[tokio::test]
async fn a_request_is_taken_as_a_whole_or_not_at_all() -> Result {
    let app = TestApp::new().await?;
    let node = app.node("root", "r", None, None).await?;
    let good: Part<'_> = ("files", "a.txt", "text/plain", b"a");
    let image: Part<'_> = ("files", "a.png", "text/plain", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    let refused = upload(&app, &node, &[good, image]).await?;
    assert_eq!(refused.status, 415);
    assert!(refused.text.contains("Unsupported file type"), "{}", refused.text);
    let large = vec![b'a'; (10 << 20) + 1];
    upload(&app, &node, &[good, ("files", "b.txt", "text/plain", &large)])
        .await?
        .refused(413, "A file is larger than 10485760 bytes");
    assert_eq!(upload(&app, &node, &[good; 6]).await?.status, 400);
    assert_eq!(upload(&app, &node, &[good, ("file", "b.txt", "text/plain", b"b")]).await?.status, 400);
    upload(&app, &node, &[]).await?.refused(400, "No files provided");
    let request = Request::post(format!("/api/nodes/{node}/documents"))
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=limit")
        .body(Body::from(
            "--limit\r\nContent-Disposition: form-data; name=\"files\"\r\n\r\na\r\n--limit--\r\n",
        ))?;
    app.send(request).await?.refused(400, "Unexpected field: a part of a file names the file");
    app.post(&format!("/api/nodes/{node}/documents"), json!({})).await?.refused(400, "No files provided");
    upload(&app, UNKNOWN, &[good]).await?.refused(404, "Node not found");
    assert_eq!(
        (objects(&app), app.count("topic_documents").await?, app.count("object_removals").await?),
        (0, 0, 0)
    );
    assert_eq!(upload(&app, &node, &[good; 5]).await?.status, 201);
    assert_eq!(app.get(&format!("/api/nodes/{UNKNOWN}/documents")).await?.json(), json!([]));
    Ok(())
}

#[tokio::test]
async fn a_form_that_breaks_off_is_refused() -> Result {
    let app = TestApp::new().await?;
    let node = app.node("root", "r", None, None).await?;
    let request = Request::post(format!("/api/nodes/{node}/documents"))
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=limit");
    let body = "--limit\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a\"\r\n\r\nabc";
    app.send(request.body(Body::from(body))?)
        .await?
        .refused(400, "The body is not valid multipart/form-data");
    Ok(())
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_kept() -> Result {
    let app = TestApp::new().await?;
    let node = app.node("root", "r", None, None).await?;
    let reply =
        upload(&app, &node, &[("files", "a.pdf", "application/pdf", b"%PDF-1.7\nnothing else")]).await?;
    assert_eq!(reply.status, 201, "{}", reply.text);
    let taken = &reply.json()["uploaded"][0];
    assert_eq!((&taken["extractionStatus"], &taken["extractedTextLength"]), (&json!("failed"), &json!(0)));
    let error: Option<String> = app
        .pool
        .read(|tx| tx.query_one("SELECT extraction_error FROM topic_documents", &[], |row| row.get(0)))
        .await?;
    assert!(error.is_some_and(|error| !error.is_empty()));
    Ok(())
}

#[tokio::test]
async fn where_the_storage_fails_nothing_is_recorded() -> Result {
    let app = TestApp::new().await?;
    let node = app.node("root", "r", None, None).await?;
    fs::write(app.folder.path().join("documents"), "no folder")?;
    upload(&app, &node, &[("files", "a.txt", "text/plain", b"a")])
        .await?
        .refused(503, "The document storage cannot be used at the moment");
    assert_eq!(app.count("topic_documents").await?, 0);
    Ok(())
}

#[tokio::test]
async fn what_could_not_be_removed_is_removed_later() -> Result {
    let app = TestApp::new().await?;
    let node = app.node("root", "r", None, None).await?;
    let reply = upload(&app, &node, &[("files", "a.txt", "", b"a")]).await?;
    let id = reply.json()["uploaded"][0]["id"].as_str().ok_or("no id")?.to_owned();
    let (folder, away) = (app.folder.path().join("documents"), app.folder.path().join("away"));
    fs::rename(&folder, &away)?;
    fs::write(&folder, "no folder")?;
    assert_eq!(app.delete(&format!("/api/nodes/{node}/documents/{id}")).await?.status, 204);
    assert_eq!(app.count("object_removals").await?, 1);
    fs::remove_file(&folder)?;
    fs::rename(&away, &folder)?;
    // An upload or an import has got as far as this; what it stores is not to be taken away under its hands.
    fs::write(folder.join("begun.txt"), "b")?;
    app.sql("INSERT INTO object_removals (s3_key) VALUES ('documents/begun.txt')").await?;
    let tidying = tokio::spawn(app.shelf().keep_tidy(Vec::new(), Duration::from_millis(1)));
    let tidied = async {
        while app.count("object_removals").await? > 1 {
            tokio::task::yield_now().await;
        }
        Ok::<_, Box<dyn Error>>(())
    };
    timeout(Duration::from_secs(20), tidied).await??;
    tidying.abort();
    assert_eq!((objects(&app), app.count("object_removals").await?), (1, 1));
    assert!(folder.join("begun.txt").exists());
    // Nobody is under way when the server starts.
    let shelf = app.shelf();
    shelf.sweep(shelf.leftovers().await?).await;
    assert_eq!((objects(&app), app.count("object_removals").await?), (0, 0));
    Ok(())
}
