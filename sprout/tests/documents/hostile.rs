//! Hostile files: damaged, deceptive, deep and swollen ones. Each gets a text or a reason, and nothing else happens.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use bytes::Bytes;
use sprout::documents::{Extractor, Kind, Limits, ObjectKey, Storage, StorageSettings, file_name};
use tempfile::TempDir;

use crate::Result;
use crate::sample::{archive, deflated, docx, drawings_in_drawings, pdf, pdf_of, small_pdf, stream};

fn extractor() -> Extractor {
    // What is too slow is tested elsewhere; here the machine may be busy with other tests.
    let limits = Limits { time: Duration::from_secs(600), processor_seconds: 60, ..Limits::default() };
    Extractor::new(env!("CARGO_BIN_EXE_sprout").into(), limits)
}

/// Reads a file and returns its text, or why it has none. That the server itself is at fault is not an answer.
async fn read(extractor: &Extractor, kind: Kind, content: impl Into<Bytes>) -> String {
    let outcome = extractor.read(kind, content.into()).await.unwrap_or_else(|unread| unread.to_string());
    assert!(!outcome.contains("fault of the server"), "{outcome}");
    outcome
}

/// Numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }
}

/// Damages a file: cuts it, changes bytes, exchanges numbers, repeats or removes a piece.
fn damaged(whole: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut content = whole.to_vec();
    for _ in 0..=numbers.below(3) {
        let at = numbers.below(content.len().max(1));
        let end = (at + 1 + numbers.below(64)).min(content.len());
        match numbers.below(6) {
            0 => content.truncate(at),
            1 => content[at..end].iter_mut().for_each(|byte| *byte ^= 1 << numbers.below(8)),
            2 => {
                for byte in &mut content[at..] {
                    if byte.is_ascii_digit() {
                        *byte = b'0' + numbers.below(10) as u8;
                        break;
                    }
                }
            }
            3 => {
                let piece = content[at..end].to_vec();
                content.splice(at..at, piece);
            }
            4 => drop(content.drain(at..end)),
            _ => content[at..end].fill([0, b'9', b'(', b'<', b'[', 0xff][numbers.below(6)]),
        }
    }
    content
}

#[tokio::test]
async fn a_damaged_file_has_a_text_or_a_reason() -> Result {
    let extractor = extractor();
    let packed = pdf(&[stream("/Filter/FlateDecode", &deflated(b' ', 1)?)], "", &[]);
    let word = docx("<w:p><w:r><w:t>A tree &amp; more</w:t></w:r></w:p>")?;
    let mut numbers = Numbers(0x5eed);
    let mut reads = Vec::new();
    for (kind, whole, count) in
        [(Kind::Pdf, small_pdf(), 240), (Kind::Pdf, packed, 30), (Kind::Docx, word, 80)]
    {
        for _ in 0..count {
            let content = damaged(&whole, &mut numbers);
            let extractor = extractor.clone();
            reads.push(tokio::spawn(async move { read(&extractor, kind, content).await }));
        }
    }
    let (mut same, mut reasons) = (0, 0);
    for outcome in reads {
        let outcome = outcome.await?;
        same += usize::from(outcome.contains("graph\nwithout cycles") || outcome == "A tree & more");
        reasons += usize::from(outcome.starts_with("The PDF ") || outcome.starts_with("The Word "));
    }
    // Much of a damaged file is read all the same, and not all of it can be.
    assert!(same > 50, "{same}");
    assert!(reasons > 20, "{reasons}");
    Ok(())
}

#[tokio::test]
async fn a_truncated_pdf_is_read_as_far_as_it_goes() {
    let extractor = extractor();
    let whole = small_pdf();
    let end = whole.windows(4).rposition(|window| window == b"xref").unwrap_or_default();
    // Without its table a PDF is searched for objects.
    let outcome = read(&extractor, Kind::Pdf, whole[..end].to_vec()).await;
    assert!(outcome.contains("A tree is a graph"), "{outcome}");
    let outcome = read(&extractor, Kind::Pdf, whole[..20].to_vec()).await;
    assert_eq!(outcome, "The PDF is damaged and cannot be read");
}

#[tokio::test]
async fn page_trees_without_end_or_sense_are_read() {
    let extractor = extractor();
    let tree = |root: &str, more: Vec<Vec<u8>>| {
        pdf_of(&[vec![b"<</Type/Catalog/Pages 2 0 R>>".to_vec(), root.as_bytes().to_vec()], more].concat())
    };
    // A node that is its own child, and two that are each other's.
    let outcome =
        read(&extractor, Kind::Pdf, tree("<</Type/Pages/Count 1/Kids[2 0 R 2 0 R]>>", vec![])).await;
    assert!(outcome.starts_with("The "), "{outcome}");
    let other = b"<</Type/Pages/Count 9/Parent 2 0 R/Kids[2 0 R]>>".to_vec();
    let outcome = read(&extractor, Kind::Pdf, tree("<</Type/Pages/Count 9/Kids[3 0 R]>>", vec![other])).await;
    assert!(outcome.starts_with("The "), "{outcome}");
    // A chain of nodes that is deep, and a node that says it has many.
    let chain = (0..20_000).map(|at| format!("<</Type/Pages/Count 1/Kids[{} 0 R]>>", at + 4).into_bytes());
    let outcome =
        read(&extractor, Kind::Pdf, tree("<</Type/Pages/Count 1/Kids[3 0 R]>>", chain.collect())).await;
    assert!(outcome.starts_with("The "), "{outcome}");
    let outcome = read(&extractor, Kind::Pdf, tree("<</Type/Pages/Count 2147483647/Kids[]>>", vec![])).await;
    assert_eq!(outcome, "The PDF is damaged and cannot be read");
    // The same page many times is many pages.
    let kids = "3 0 R ".repeat(20_000);
    let page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>".to_vec();
    let root = format!("<</Type/Pages/Count 20000/Kids[{kids}]>>");
    let outcome = read(&extractor, Kind::Pdf, tree(&root, vec![page])).await;
    assert!(outcome.starts_with("The PDF has no text on its "), "{outcome}");
}

#[tokio::test]
async fn depth_is_no_danger() -> Result {
    let extractor = extractor();
    let deep = [b"[".repeat(1 << 20), b"]".repeat(1 << 20)].concat();
    let in_object = pdf_of(&[b"<</Type/Catalog/Pages 2 0 R>>".to_vec(), deep.clone()]);
    let in_page = pdf(&[stream("", &[deep, b" TJ BT /F 12 Tf (x) Tj ET".to_vec()].concat())], "", &[]);
    let html = format!("{}x{}", "<div><b>".repeat(100_000), "</b></div>".repeat(100_000));
    let xml = docx(&format!("{}<w:t>x</w:t>{}", "<w:p>".repeat(100_000), "</w:p>".repeat(100_000)))?;
    for (kind, content) in [(Kind::Pdf, in_object), (Kind::Pdf, in_page)] {
        let outcome = read(&extractor, kind, content).await;
        assert!(outcome.starts_with("The ") || outcome == "x", "{outcome}");
    }
    assert_eq!(read(&extractor, Kind::Html, html).await, "x");
    assert_eq!(read(&extractor, Kind::Docx, xml).await, "x");
    Ok(())
}

#[tokio::test]
async fn what_unpacks_to_too_much_is_refused() -> Result {
    let extractor = extractor();
    let body = " ".repeat(65 << 20);
    let word = docx(&body)?;
    assert!(word.len() < 1 << 20);
    assert_eq!(read(&extractor, Kind::Docx, word).await, "The document unpacks to more than 64 MiB");
    // A part that is text through and through.
    let word = docx(&format!("<w:t>{}</w:t>", "x".repeat(11 << 20)))?;
    assert_eq!(read(&extractor, Kind::Docx, word).await, "The document has more than 10 MiB of text");
    // Entities of entities of entities.
    let mut bomb = "<!DOCTYPE x [<!ENTITY e0 \"ha\">".to_owned();
    for level in 1..30 {
        let below = format!("&e{};", level - 1).repeat(10);
        bomb.push_str(&format!("<!ENTITY e{level} \"{below}\">"));
    }
    bomb.push_str("]><w:document><w:t>x&e29;y</w:t></w:document>");
    let word = archive(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", bomb.as_bytes())])?;
    assert_eq!(read(&extractor, Kind::Docx, word).await, "xy");
    // An archive of very many parts.
    let names: Vec<_> = (0..20_000).map(|part| format!("word/{part}.xml")).collect();
    let parts: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b"<x/>"[..])).collect();
    let outcome = read(&extractor, Kind::Docx, archive(&parts)?).await;
    assert_eq!(outcome, "The Word document is damaged and cannot be read");
    Ok(())
}

#[tokio::test]
async fn a_file_of_another_kind_has_a_reason() -> Result {
    let extractor = extractor();
    let noise: Vec<u8> = (0..100_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for kind in [Kind::Pdf, Kind::Docx] {
        for content in [noise.clone(), Vec::new(), b"words".to_vec(), vec![0; 1 << 20]] {
            let outcome = read(&extractor, kind, content).await;
            assert!(outcome.ends_with("is damaged and cannot be read"), "{outcome}");
        }
    }
    // HTML is whatever a browser would make of it.
    read(&extractor, Kind::Html, noise).await;
    Ok(())
}

#[tokio::test]
async fn a_pdf_that_hides_its_letters_says_so() {
    let extractor = extractor();
    let drawing = pdf(&[stream("", b"0 0 100 100 re f")], "", &[]);
    let outcome = read(&extractor, Kind::Pdf, drawing).await;
    assert_eq!(
        outcome,
        "The PDF has no text on its page; it may be a scan, which has to be recognised first"
    );
    // A font of drawings that are called /a and /b and mean nothing.
    let font =
        b"<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]/FontMatrix[1 0 0 1 0 0]/FirstChar 97/LastChar 98\
        /Widths[1 1]/CharProcs<</g1 7 0 R/g2 7 0 R>>/Encoding<</Differences[97/g1/g2]>>>>";
    let glyph = stream("", b"1 0 d0 0 0 9 9 re f");
    let content = stream("", b"BT /G 12 Tf (abab) Tj ET");
    let riddle = pdf(&[content], "/Font<</G 6 0 R>>", &[font.to_vec(), glyph]);
    let outcome = read(&extractor, Kind::Pdf, riddle).await;
    assert_eq!(outcome, "The PDF does not say which letters it shows, so its text cannot be read");
}

/// Returns every file below a folder, by its path from there.
fn files_below(folder: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder)?.to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}

#[tokio::test]
async fn names_lead_nowhere() -> Result {
    let folder = TempDir::new()?;
    let storage = Storage::new(&StorageSettings::Folder(folder.path().join("documents-of-sprout")))?;
    let names = [
        "../../../etc/passwd",
        "..\\..\\windows\\system32",
        "/etc/passwd",
        "a/../../b.pdf",
        "nul\u{0}byte.pdf",
        "invoice\u{202e}fdp.exe",
        "line\r\nbreak.md",
        "..",
        "",
        "x.pdf/../../y",
        "%2e%2e%2f.txt",
        "a.sh;rm -rf ~",
    ];
    let mut wanted = Vec::new();
    for (number, name) in names.into_iter().enumerate() {
        let shown = file_name(name);
        assert!(!shown.is_empty() && !shown.contains(['/', '\\', '\u{202e}']), "{shown:?}");
        assert!(!shown.chars().any(char::is_control), "{shown:?}");
        let key = ObjectKey::new(&format!("00{number:02}"), &shown);
        storage.put(&key, Kind::Text, Bytes::from_static(b"x")).await?;
        wanted.push(format!("documents-of-sprout/{key}"));
    }
    assert_eq!(files_below(folder.path())?, wanted);
    assert!(wanted.contains(&"documents-of-sprout/documents/0000.bin".to_owned()), "{wanted:?}");
    Ok(())
}

#[tokio::test]
async fn a_request_that_is_dropped_gives_up_its_turn() {
    let limits =
        Limits { at_once: 1, time: Duration::from_secs(600), processor_seconds: 60, ..Limits::default() };
    let extractor = Extractor::new(env!("CARGO_BIN_EXE_sprout").into(), limits);
    let first = extractor.read(Kind::Pdf, drawings_in_drawings().into());
    assert!(tokio::time::timeout(Duration::from_millis(50), first).await.is_err());
    let started = Instant::now();
    let second = read(&extractor, Kind::Pdf, small_pdf()).await;
    assert!(second.contains("graph"), "{second}");
    // The first would have gone on for its sixty seconds.
    assert!(started.elapsed() < Duration::from_secs(40), "{:?}", started.elapsed());
}
