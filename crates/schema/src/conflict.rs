//! Merge conflicts in text files: git puts both versions into one file, and here they are taken apart again.
//!
//! ```text
//! <<<<<<< HEAD          what stands between the marks is one side's only; lines outside belong to both
//! ours
//! ||||||| 1a2b3c4       the common ancestor, where git was told to write it
//! base
//! =======
//! theirs
//! >>>>>>> feature
//! ```

/// The two versions of a file with conflict marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sides {
    /// The line of the first mark, from 1.
    pub line: usize,
    /// The version of the branch that was merged into.
    pub ours: String,
    /// The version of the branch that was merged.
    pub theirs: String,
}

/// Returns the line of the first conflict mark, from 1.
///
/// ```
/// use seedbed_schema::conflict::conflict_line;
///
/// assert_eq!(conflict_line("{\n<<<<<<< HEAD\n"), Some(2));
/// assert_eq!(conflict_line("SELECT 1 << 2"), None);
/// ```
pub fn conflict_line(text: &str) -> Option<usize> {
    text.lines().position(|line| line.starts_with("<<<<<<< ")).map(|index| index + 1)
}

/// Takes the two versions apart; `None` when the text has no conflict marks, or marks that do not belong together.
///
/// ```
/// use seedbed_schema::conflict::sides;
///
/// let text = "a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> feature\nd\n";
/// let sides = sides(text).unwrap();
/// assert_eq!((sides.line, sides.ours.as_str(), sides.theirs.as_str()), (2, "a\nb\nd\n", "a\nc\nd\n"));
/// ```
pub fn sides(text: &str) -> Option<Sides> {
    #[derive(PartialEq)]
    enum Part {
        Both,
        Ours,
        Base,
        Theirs,
    }
    let mut sides = Sides { line: conflict_line(text)?, ours: String::new(), theirs: String::new() };
    let mut part = Part::Both;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end_matches(['\n', '\r']);
        let is_mark =
            |mark: &str| bare.strip_prefix(mark).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
        part = match part {
            Part::Both if is_mark("<<<<<<<") => Part::Ours,
            Part::Ours if is_mark("|||||||") => Part::Base,
            Part::Ours | Part::Base if is_mark("=======") => Part::Theirs,
            Part::Theirs if is_mark(">>>>>>>") => Part::Both,
            _ if is_mark("<<<<<<<") || is_mark(">>>>>>>") => return None,
            same => {
                if matches!(same, Part::Both | Part::Ours) {
                    sides.ours.push_str(line);
                }
                if matches!(same, Part::Both | Part::Theirs) {
                    sides.theirs.push_str(line);
                }
                same
            }
        };
    }
    (part == Part::Both).then_some(sides)
}

#[cfg(test)]
mod tests {
    use super::sides;

    #[test]
    fn several_conflicts_and_the_ancestor_are_taken_apart() {
        let text = "1\r\n<<<<<<< ours\r\n2\r\n||||||| base\r\n0\r\n=======\r\n3\r\n>>>>>>> theirs\r\n4\r\n\
                    <<<<<<< ours\r\n=======\r\n5\r\n>>>>>>> theirs\r\n";
        let sides = sides(text).unwrap();
        assert_eq!((sides.ours.as_str(), sides.theirs.as_str()), ("1\r\n2\r\n4\r\n", "1\r\n3\r\n4\r\n5\r\n"));
    }

    #[test]
    fn marks_that_do_not_belong_together_are_no_two_versions() {
        for text in ["a\n", "<<<<<<< a\nb\n", "<<<<<<< a\n=======\n<<<<<<< b\n", "<<<<<<< a\n>>>>>>> b\n"] {
            assert_eq!(sides(text), None, "{text:?}");
        }
    }
}
