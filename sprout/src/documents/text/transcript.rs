//! A text that is written down piece by piece, as readers come upon it.

use super::Unreadable;

/// The longest text that is kept, in bytes: that of the largest file, if it were all text.
pub(super) const LONGEST_TEXT: usize = 10 << 20;

/// The text so far. White space is written when something follows it, so that lines have none at their ends.
#[derive(Debug, Default)]
pub(super) struct Transcript {
    text: String,
    gap: Gap,
    is_too_long: bool,
}

/// What parts the last word from the next one.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    #[default]
    None,
    Space,
    Tab,
    Line,
    Paragraph,
}

impl Gap {
    fn text(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Space => " ",
            Self::Tab => "\t",
            Self::Line => "\n",
            Self::Paragraph => "\n\n",
        }
    }
}

impl Transcript {
    /// Leaves a gap before what comes next. The widest of several is the one that stays.
    pub(super) fn leave(&mut self, gap: Gap) {
        self.gap = self.gap.max(gap);
    }

    /// Writes a character; control characters are nothing to be read.
    pub(super) fn write(&mut self, c: char) {
        if c.is_control() && c != '\n' && c != '\t' {
            return;
        }
        if self.text.len() >= LONGEST_TEXT {
            self.is_too_long = true;
            return;
        }
        let gap = std::mem::take(&mut self.gap);
        if !self.text.is_empty() {
            self.text.push_str(gap.text());
        }
        self.text.push(c);
    }

    /// Writes words, with one space for each piece of white space.
    pub(super) fn write_words(&mut self, text: &str) {
        for c in text.chars() {
            if c.is_whitespace() && c != '\u{a0}' {
                self.leave(Gap::Space);
            } else {
                self.write(c);
            }
        }
    }

    /// Writes text in which white space means something.
    pub(super) fn write_as_it_is(&mut self, text: &str) {
        text.chars().for_each(|c| self.write(c));
    }

    /// Takes back a soft hyphen at the end, which means that the word goes on, and tells whether there was one.
    pub(super) fn take_back_soft_hyphen(&mut self) -> bool {
        let is_there = self.gap == Gap::None && self.text.ends_with('\u{ad}');
        if is_there {
            self.text.pop();
        }
        is_there
    }

    /// Returns the text.
    ///
    /// # Errors
    ///
    /// When it is longer than what is kept; half a text would be taken for the whole.
    pub(super) fn finish(self) -> Result<String, Unreadable> {
        if self.is_too_long { Err(Unreadable::TooLong) } else { Ok(self.text) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_gap_stays_and_none_is_at_an_end() {
        let mut transcript = Transcript::default();
        transcript.leave(Gap::Paragraph);
        transcript.write_words(" a\u{7} \n b\u{a0}c ");
        transcript.leave(Gap::Paragraph);
        transcript.leave(Gap::Line);
        transcript.write_as_it_is("d\n\te");
        transcript.leave(Gap::Line);
        assert_eq!(transcript.finish().unwrap(), "a b\u{a0}c\n\nd\n\te");
    }

    #[test]
    fn half_a_text_is_none() {
        let mut transcript = Transcript::default();
        for _ in 0..=LONGEST_TEXT {
            transcript.write('x');
        }
        assert_eq!(transcript.finish(), Err(Unreadable::TooLong));
    }
}
