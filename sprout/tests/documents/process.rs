//! The process that reads a document: what it may use, and what becomes of one that wants more.

use std::fs;
use std::time::{Duration, Instant};

use bytes::Bytes;
use sprout::documents::{Extractor, Kind, Limits};

use crate::Result;
use crate::sample::{deflated, docx, drawings_in_drawings, pdf, small_pdf, stream};

fn extractor(limits: Limits) -> Extractor {
    Extractor::new(env!("CARGO_BIN_EXE_sprout").into(), limits)
}

#[tokio::test]
async fn documents_of_every_kind_are_read() -> Result {
    let extractor = extractor(Limits::default());
    for (kind, content, text) in [
        (Kind::Pdf, small_pdf(), "A tree is a graph\nwithout cycles.\n\nKerning and gaps\n\nPage two"),
        (Kind::Docx, docx("<w:p><w:r><w:t>A tree &amp; more</w:t></w:r></w:p>")?, "A tree & more"),
        (Kind::Html, b"<h1>Tree</h1><p>is a graph".to_vec(), "Tree\n\nis a graph"),
        (Kind::Markdown, "# Bäume".into(), "# Bäume"),
        (Kind::Text, b"caf\xe9".to_vec(), "caf\u{fffd}"),
    ] {
        assert_eq!(extractor.read(kind, content.into()).await?, text, "{kind:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_reader_that_takes_too_long_is_killed() -> Result {
    let limits = Limits { time: Duration::from_secs(1), ..Limits::default() };
    let started = Instant::now();
    let unread = extractor(limits).read(Kind::Pdf, drawings_in_drawings().into()).await.unwrap_err();
    assert_eq!(unread.to_string(), "Reading the document took longer than 1 s");
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    Ok(())
}

#[tokio::test]
async fn a_reader_that_uses_too_much_of_the_processor_is_ended() {
    let limits = Limits { time: Duration::from_secs(600), processor_seconds: 1, ..Limits::default() };
    let unread = extractor(limits).read(Kind::Pdf, drawings_in_drawings().into()).await.unwrap_err();
    assert_eq!(unread.to_string(), "Reading the document took longer than 1 s");
}

#[tokio::test]
async fn a_reader_that_needs_too_much_memory_is_told_apart() -> Result {
    let content = deflated(b' ', 1024)?;
    assert!(content.len() < 2 << 20);
    let bomb = pdf(&[stream("/Filter/FlateDecode", &content)], "", &[]);
    let limits =
        Limits { memory: 256, time: Duration::from_secs(600), processor_seconds: 60, ..Limits::default() };
    let unread = extractor(limits).read(Kind::Pdf, bomb.into()).await.unwrap_err();
    assert_eq!(unread.to_string(), "Reading the document took more than 256 MiB of memory");
    Ok(())
}

#[tokio::test]
async fn a_program_that_is_not_there_is_the_servers_fault() {
    let extractor = Extractor::new("/nowhere/sprout".into(), Limits::default());
    let unread = extractor.read(Kind::Pdf, Bytes::from(small_pdf())).await.unwrap_err();
    assert_eq!(unread.to_string(), "The document was not read, because of a fault of the server");
    // Text needs no process.
    assert_eq!(extractor.read(Kind::Text, Bytes::from_static(b"x")).await.as_deref(), Ok("x"));
}

/// The processes that this test has started and that still run, by what stands in their memory limit.
#[cfg(target_os = "linux")]
fn running(memory: &str) -> Result<Vec<String>> {
    let own = std::process::id().to_string();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let id = entry?.file_name().to_string_lossy().into_owned();
        // A process may end while it is looked at.
        let Ok(command) = fs::read(format!("/proc/{id}/cmdline")) else { continue };
        let Ok(status) = fs::read_to_string(format!("/proc/{id}/status")) else { continue };
        // Another run of the tests, of another checkout, is none of this one's business.
        let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"));
        if parent.map(str::trim) != Some(own.as_str()) {
            continue;
        }
        let arguments: Vec<_> = command.split(|byte| *byte == 0).collect();
        if arguments.get(1..4) == Some(&[b"extract-text", b"pdf", memory.as_bytes()]) {
            found.push(id);
        }
    }
    Ok(found)
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn two_run_at_once_without_environment_and_none_is_left() -> Result {
    // A number that no other test uses marks the processes of this one.
    let limits = Limits { memory: 511, time: Duration::from_secs(600), ..Limits::default() };
    let extractor = extractor(limits);
    let bomb = Bytes::from(drawings_in_drawings());
    let reads: Vec<_> = (0..6)
        .map(|_| {
            let (extractor, bomb) = (extractor.clone(), bomb.clone());
            tokio::spawn(async move { extractor.read(Kind::Pdf, bomb).await })
        })
        .collect();

    let started = Instant::now();
    let mut most = 0;
    let mut has_looked = false;
    // Long enough for a third to show itself, and on a busy machine as long as it takes.
    while started.elapsed() < Duration::from_secs(if has_looked && most == 2 { 2 } else { 40 }) {
        let ids = running("511")?;
        most = most.max(ids.len());
        for id in ids {
            let (environment, limits) = (format!("/proc/{id}/environ"), format!("/proc/{id}/limits"));
            let (Ok(environment), Ok(limits)) = (fs::read(environment), fs::read_to_string(limits)) else {
                continue;
            };
            let limit = |name: &str| {
                limits
                    .lines()
                    .find_map(|line| line.strip_prefix(name)?.split_whitespace().next())
                    .map(str::to_owned)
            };
            // It limits itself first of all, but it may be looked at before that.
            if limit("Max file size").as_deref() == Some("0") {
                assert_eq!(environment, b"MIMALLOC_ARENA_RESERVE=0\0");
                assert_eq!(limit("Max address space"), Some((511_u64 << 20).to_string()));
                assert_eq!(limit("Max cpu time").as_deref(), Some("20"));
                assert_eq!(limit("Max core file size").as_deref(), Some("0"));
                has_looked = true;
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!((most, has_looked), (2, true));

    // Whoever does not wait any longer takes the processes along.
    for read in &reads {
        read.abort();
    }
    for read in reads {
        assert!(read.await.is_err());
    }
    let started = Instant::now();
    while !running("511")?.is_empty() {
        assert!(started.elapsed() < Duration::from_secs(10), "a process is left");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}
