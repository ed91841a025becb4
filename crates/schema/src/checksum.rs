//! The checksum of a migration: a hash of what SQLite would read, not of how the file is laid out.
//!
//! A file that was reformatted, re-commented or checked out with other line ends keeps its checksum; a file whose
//! SQL differs in any other way, be it the case of one letter, has another one.

use hmac_sha256::Hash;

use crate::sql::tokenize;

/// Returns the SHA-256 of a script's SQL tokens as 64 hexadecimal digits.
///
/// Comments and white space between tokens don't count. Everything else does: text inside literals, the case of
/// keywords, the kind of quotes.
///
/// ```
/// use seedbed_schema::checksum::checksum;
///
/// let first = checksum("-- makes t\nCREATE TABLE t (a TEXT);\n");
/// assert_eq!(first, checksum("CREATE  TABLE t(a TEXT)\r\n;"));
/// assert_ne!(first, checksum("create table t (a TEXT);"));
/// ```
pub fn checksum(script: &str) -> String {
    let mut hasher = Hash::new();
    for token in tokenize(without_byte_order_mark(script)).iter().filter(|token| !token.is_trivia()) {
        // The length keeps apart what white space would: `a b` is not `ab`.
        hasher.update((token.text.len() as u64).to_le_bytes());
        hasher.update(token.text.as_bytes());
    }
    hex(&hasher.finalize())
}

/// Returns the text without the mark that some editors put in front of UTF-8.
pub fn without_byte_order_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// Returns bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    let digit = |half: u8| char::from(DIGITS[usize::from(half)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::{checksum, hex};

    #[test]
    fn layout_does_not_count() {
        let plain = checksum("INSERT INTO t VALUES ('a\nb');");
        for same in [
            "\u{feff}INSERT INTO t VALUES ('a\nb');",
            "INSERT INTO t /* why */ VALUES('a\nb') ; -- end",
            "\r\nINSERT\tINTO t\r\nVALUES ('a\nb');\r\n--> statement-breakpoint\r\n",
        ] {
            assert_eq!(checksum(same), plain, "{same:?}");
        }
    }

    #[test]
    fn everything_else_counts() {
        let plain = checksum("INSERT INTO t VALUES ('a b');");
        for other in [
            "INSERT INTO t VALUES ('a  b');",
            "INSERT INTO t VALUES ('A b');",
            "insert INTO t VALUES ('a b');",
            "INSERT INTO \"t\" VALUES ('a b');",
            "INSERT INTO t VALUES ('a b')",
            "INSERTINTO t VALUES ('a b');",
        ] {
            assert_ne!(checksum(other), plain, "{other:?}");
        }
    }

    #[test]
    fn the_digits_are_those_of_sha_256() {
        assert_eq!(checksum(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(hex(&[0, 0x7f, 0xff]), "007fff");
    }
}
