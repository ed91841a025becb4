//! Chance that is the same in every run, and the damage it does to texts.

/// A small generator of numbers.
pub(crate) struct Numbers(pub(crate) u64);

/// Pieces that break what does not expect them.
const ODD: [&str; 24] = [
    "",
    "\0",
    "'",
    "\"",
    "`",
    "[",
    "]",
    "(",
    ")",
    "{",
    "}",
    "/*",
    "*/",
    "--",
    ";",
    "\\",
    "\u{feff}",
    "\u{202e}",
    "\u{1f331}",
    "-9223372036854775808",
    "1e999",
    "0x",
    "null",
    "CREATE TRIGGER t BEGIN ",
];

impl Numbers {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % limit.max(1)
    }

    /// Leaves out, repeats, moves or replaces pieces of the text, cut between words and marks; and now and then cuts the
    /// rest off, or repeats one piece so often that recursion would show.
    pub(crate) fn damaged(&mut self, text: &str) -> String {
        let mut pieces: Vec<&str> =
            text.split_inclusive(|c: char| !c.is_alphanumeric() && c != '_').collect();
        let mut deep = String::new();
        for _ in 0..=self.below(3) {
            if pieces.is_empty() {
                break;
            }
            let at = self.below(pieces.len());
            match self.below(7) {
                0 => {
                    pieces.remove(at);
                }
                1 => pieces.insert(at, pieces[at]),
                2 => {
                    let other = self.below(pieces.len());
                    pieces.swap(at, other);
                }
                3 => pieces[at] = ODD[self.below(ODD.len())],
                4 => pieces.insert(at, ODD[self.below(ODD.len())]),
                5 if self.below(4) == 0 => pieces.truncate(at),
                _ if self.below(20) == 0 => deep = pieces[at].repeat(5_000),
                _ => pieces.swap(0, at),
            }
        }
        let at = self.below(pieces.len() + 1);
        let (before, after) = pieces.split_at(at);
        [before.concat(), deep, after.concat()].concat()
    }
}
