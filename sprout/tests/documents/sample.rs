//! Files that the tests are about, made byte by byte.

use std::io::{Cursor, Write};

use flate2::{Compress, Compression, FlushCompress};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::Result;

/// Makes a PDF of objects, of which the first is the catalog and the second the root of the page tree.
pub(crate) fn pdf_of(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut pdf = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        places.push(pdf.len());
        pdf.extend_from_slice(format!("{} 0 obj\n", index + 1).as_bytes());
        pdf.extend_from_slice(object);
        pdf.extend_from_slice(b"\nendobj\n");
    }
    let table = pdf.len();
    pdf.extend_from_slice(format!("xref\n0 {}\n0000000000 65535 f \n", places.len() + 1).as_bytes());
    for place in &places {
        pdf.extend_from_slice(format!("{place:010} 00000 n \n").as_bytes());
    }
    let size = places.len() + 1;
    pdf.extend_from_slice(
        format!("trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF").as_bytes(),
    );
    pdf
}

/// Makes a stream object.
pub(crate) fn stream(dictionary: &str, content: &[u8]) -> Vec<u8> {
    let head = format!("<<{dictionary}/Length {}>>\nstream\n", content.len());
    [head.as_bytes(), content, b"\nendstream"].concat()
}

/// Makes a PDF with a page for each of the contents, which write in Helvetica as `/F`. Objects that follow are `extra`,
/// from the number `4 + 2 × pages` on, and `resources` may name them.
pub(crate) fn pdf(contents: &[Vec<u8>], resources: &str, extra: &[Vec<u8>]) -> Vec<u8> {
    let kids: Vec<_> = (0..contents.len()).map(|page| format!("{} 0 R", 4 + 2 * page)).collect();
    let pages = format!("<</Type/Pages/Count {}/Kids[{}]>>", kids.len(), kids.join(" "));
    let mut objects = vec![
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        pages.into_bytes(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_vec(),
    ];
    for (page, content) in contents.iter().enumerate() {
        let content_number = 5 + 2 * page;
        objects.push(
            format!(
                "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents {content_number} 0 R\
                 /Resources<</Font<</F 3 0 R>>{resources}>>>>"
            )
            .into_bytes(),
        );
        objects.push(content.clone());
    }
    objects.extend_from_slice(extra);
    pdf_of(&objects)
}

/// Makes the PDF that the others are variants of: two pages with text.
pub(crate) fn small_pdf() -> Vec<u8> {
    let first = b"BT /F 12 Tf 72 700 Td (A tree is a) Tj 66 0 Td (graph) Tj -66 -14 Td (without cycles.) Tj \
        0 -40 Td [(Kern) 20 (ing and gaps)] TJ ET";
    let second = b"q 1 0 0 1 72 700 cm BT /F 10 Tf (Page two) Tj ET Q";
    pdf(&[stream("", first), stream("", second)], "", &[])
}

/// Makes a PDF whose page draws a form that draws ten forms that draw ten forms, and so on: a text of 10^12 letters.
pub(crate) fn drawings_in_drawings() -> Vec<u8> {
    let mut forms = vec![stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]", b"BT /F 12 Tf (x) Tj ET")];
    for depth in 0..12 {
        let inner = 6 + depth;
        let dictionary = format!(
            "/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</Font<</F 3 0 R>>/XObject<</X {inner} 0 R>>>>"
        );
        forms.push(stream(&dictionary, &b"/X Do ".repeat(10)));
    }
    let outermost = 5 + forms.len();
    pdf(&[stream("", b"/X Do")], &format!("/XObject<</X {outermost} 0 R>>"), &forms)
}

/// Makes a Flate stream that unpacks to so many MiB of one byte. A block after a full flush knows nothing of what came
/// before, so the same block can follow itself.
pub(crate) fn deflated(byte: u8, mebibytes: usize) -> Result<Vec<u8>> {
    let mut packed = Vec::with_capacity(64 << 10);
    let block = vec![byte; 1 << 20];
    Compress::new(Compression::best(), false).compress_vec(&block, &mut packed, FlushCompress::Full)?;
    let mut content = b"\x78\x9c".to_vec();
    for _ in 0..mebibytes {
        content.extend_from_slice(&packed);
    }
    // The last block, which is empty.
    content.extend_from_slice(b"\x03\x00");
    Ok(content)
}

/// Makes an archive of parts.
pub(crate) fn archive(parts: &[(&str, &[u8])]) -> Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, content) in parts {
        zip.start_file(*name, options)?;
        zip.write_all(content)?;
    }
    Ok(zip.finish()?.into_inner())
}

/// Makes a DOCX file with a body.
pub(crate) fn docx(body: &str) -> Result<Vec<u8>> {
    let document =
        format!(r#"<?xml version="1.0"?><w:document xmlns:w="w"><w:body>{body}</w:body></w:document>"#);
    archive(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", document.as_bytes())])
}
