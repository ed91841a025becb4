//! PDF: pages are drawn on a device that takes letters and their places and lets everything else go.
//!
//! A PDF knows neither words nor lines, only letters at places. They are written down in the order in which they are drawn,
//! which is that of reading in what nearly all programs make, and the gaps between them say what is a space, a line or a
//! paragraph. All distances are measured along and across the baseline, so turned pages read like others.

use std::mem;

use hayro_cmap::BfString;
use hayro_interpret::font::{Glyph, GlyphRun, PositionedGlyph};
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache,
    InterpreterSettings, SoftMask, interpret_page,
};
use hayro_syntax::object::{Dict, String as PdfString};
use hayro_syntax::{LoadPdfError, Pdf};
use kurbo::{Affine, BezPath, Point, Rect, Vec2};

use super::transcript::{Gap, Transcript};
use super::{Unreadable, plain};
use crate::documents::kind::Kind;

// What distances mean, in heights of the letters. Measured on manuals made by TeX, groff, FOP, LibreOffice and others
// against what `pdftotext` says: words are parted by 0.2 and more, kerning stays below 0.1.
const SPACE: f64 = 0.14;
const NEXT_LINE: f64 = 0.6;
const PARAGRAPH: f64 = 1.9;
/// How far back a letter may be without beginning a line: accents are drawn over the letter before.
const BACK: f64 = 2.0;
/// How far apart two runs may be drawn to be one that is drawn twice, as poor man's bold.
const SAME_PLACE: f64 = 0.1;
/// Units of a glyph's own space to the height of its font.
const UNITS: f64 = 1000.0;

/// Reads the text of all pages. Page numbers and headings are part of the pages and stay; nothing is added.
pub(super) fn read(content: Vec<u8>) -> Result<String, Unreadable> {
    let pdf = Pdf::new(content).map_err(|error| match error {
        LoadPdfError::Decryption(_) => Unreadable::Protected,
        LoadPdfError::Invalid => Unreadable::Damaged(Kind::Pdf),
    })?;
    if pdf.pages().is_empty() {
        return Err(Unreadable::Damaged(Kind::Pdf));
    }
    let cache = InterpreterCache::new();
    let mut reader = Reader::default();
    for page in pdf.pages().iter() {
        let area = Rect::new(0.0, 0.0, 1.0, 1.0);
        let settings = InterpreterSettings::default();
        let mut context = Context::new(Affine::IDENTITY, area, &cache, pdf.xref(), settings);
        interpret_page(page, &mut context, &mut reader);
        reader.end_page();
    }
    if reader.letters == 0 && reader.riddles == 0 {
        return Err(Unreadable::NoText(pdf.pages().len()));
    }
    if reader.riddles > reader.letters {
        return Err(Unreadable::NoLetters);
    }
    reader.transcript.finish()
}

/// The device: what was read so far, and where the last letter ended.
#[derive(Default)]
struct Reader {
    transcript: Transcript,
    end: Option<End>,
    last_run: Run,
    replacements: Vec<Option<Replacement>>,
    /// Letters that were read, without white space.
    letters: usize,
    /// Glyphs of which the font does not say what they are.
    riddles: usize,
}

/// Where a letter ends, and how large it is.
#[derive(Clone, Copy)]
struct End {
    at: Point,
    /// The direction of the baseline, of length one.
    along: Vec2,
    height: f64,
}

/// A run of letters, to notice when it is drawn again.
#[derive(Default)]
struct Run {
    start: Point,
    height: f64,
    text: String,
}

/// What a piece of a page means, by the word of whoever made the file (`ActualText`), instead of what it shows.
struct Replacement {
    text: String,
    is_written: bool,
}

/// A letter at its place.
struct Letter {
    text: Option<String>,
    start: Point,
    end: End,
}

impl Letter {
    fn of(glyph: &PositionedGlyph<'_>, transform: Affine) -> Option<Self> {
        let transform = transform * glyph.transform();
        let start = transform * Point::ZERO;
        let em = transform * Point::new(UNITS, 0.0) - start;
        let height = (transform * Point::new(0.0, UNITS) - start).hypot();
        let is_somewhere = start.is_finite() && height.is_finite() && em.hypot().is_normal();
        let width = match &**glyph {
            Glyph::Outline(outline) => outline.advance_width(),
            Glyph::Type3(drawing) => drawing.advance_width(),
        };
        let at = start + em * (f64::from(width.unwrap_or(0.0)) / UNITS);
        let text = glyph.as_unicode().map(|text| match text {
            BfString::Char(c) => c.to_string(),
            BfString::String(text) => text,
        });
        is_somewhere.then(|| Self { text, start, end: End { at, along: em / em.hypot(), height } })
    }
}

impl Reader {
    fn end_page(&mut self) {
        self.transcript.leave(Gap::Paragraph);
        self.end = None;
        self.last_run = Run::default();
        self.replacements.clear();
    }

    /// Leaves the gap that is between the last letter and one that begins at `start`.
    fn leave_gap(&mut self, start: Point, next: &End) {
        let Some(last) = self.end else { return };
        let height = next.height.max(last.height);
        let (ahead, aside) = ((start - last.at).dot(last.along), (start - last.at).cross(last.along).abs());
        let is_turned = last.along.dot(next.along) < 0.9;
        if !is_turned && aside <= NEXT_LINE * height && ahead >= -BACK * height {
            if ahead > SPACE * height {
                self.transcript.leave(Gap::Space);
            }
        } else if !self.transcript.take_back_soft_hyphen() {
            self.transcript.leave(if aside > PARAGRAPH * height { Gap::Paragraph } else { Gap::Line });
        }
    }

    fn write(&mut self, letter: Letter) {
        self.leave_gap(letter.start, &letter.end);
        self.end = Some(letter.end);
        if let Some(replacement) = self.replacements.iter_mut().rev().flatten().next() {
            if !mem::replace(&mut replacement.is_written, true) {
                self.letters += replacement.text.chars().count();
                let text = mem::take(&mut replacement.text);
                self.transcript.write_words(&text);
            }
            return;
        }
        let Some(text) = letter.text else {
            self.riddles += 1;
            return self.transcript.write(char::REPLACEMENT_CHARACTER);
        };
        for c in text.chars() {
            match c {
                '\u{e000}'..='\u{f8ff}' | char::REPLACEMENT_CHARACTER => self.riddles += 1,
                _ if !c.is_whitespace() => self.letters += 1,
                _ => {}
            }
            match ligature(c) {
                Some(letters) => self.transcript.write_words(letters),
                None => self.transcript.write_words(c.encode_utf8(&mut [0; 4])),
            }
        }
    }
}

/// Takes a ligature apart: nobody searches for `ﬁle`.
fn ligature(c: char) -> Option<&'static str> {
    Some(match c {
        'ﬀ' => "ff",
        'ﬁ' => "fi",
        'ﬂ' => "fl",
        'ﬃ' => "ffi",
        'ﬄ' => "ffl",
        'ﬅ' | 'ﬆ' => "st",
        _ => return None,
    })
}

impl Device<'_> for Reader {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, '_>, props: DrawProps<'_>, _: &DrawMode) {
        let letters: Vec<_> =
            run.glyphs().iter().filter_map(|glyph| Letter::of(glyph, props.transform)).collect();
        let Some(first) = letters.first() else { return };
        let text = letters.iter().filter_map(|letter| letter.text.as_deref()).collect();
        let run = Run { start: first.start, height: first.end.height, text };
        let last = mem::replace(&mut self.last_run, run);
        let moved = self.last_run.start.distance(last.start);
        if self.last_run.text == last.text && moved < SAME_PLACE * last.height {
            return;
        }
        letters.into_iter().for_each(|letter| self.write(letter));
    }

    fn begin_marked_content(&mut self, _: &[u8], properties: Option<&Dict<'_>>) {
        let text = properties.and_then(|properties| properties.get::<PdfString<'_>>(b"ActualText"));
        self.replacements.push(text.map(|text| Replacement {
            text: plain::decode(text.as_bytes()).into_owned(),
            is_written: false,
        }));
    }

    fn end_marked_content(&mut self) {
        self.replacements.pop();
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'_>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'_, '_>, _: ImageDrawProps<'_>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}
