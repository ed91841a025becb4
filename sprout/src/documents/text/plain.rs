//! Plain text and Markdown: UTF-8, and UTF-16 where its byte order mark says so.

use std::borrow::Cow;

use super::{LONGEST_TEXT, Unreadable};

/// Decodes a text and leaves it as it is otherwise, but for NUL, which ends a text in SQLite's own functions.
pub(crate) fn read(content: &[u8]) -> Result<String, Unreadable> {
    let text = decode(content);
    if text.len() > LONGEST_TEXT {
        return Err(Unreadable::TooLong);
    }
    Ok(if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text.into_owned() })
}

/// Decodes UTF-16 with a byte order mark, and anything else as UTF-8; what is none becomes replacement characters. The
/// mark is no part of the text.
pub(crate) fn decode(content: &[u8]) -> Cow<'_, str> {
    match content {
        [0xff, 0xfe, rest @ ..] => Cow::Owned(decode_utf16(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => Cow::Owned(decode_utf16(rest, u16::from_be_bytes)),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest),
        _ => String::from_utf8_lossy(content),
    }
}

/// Tells whether a byte order mark says that a text is UTF-16.
pub(crate) fn is_utf16(content: &[u8]) -> bool {
    content.starts_with(b"\xff\xfe") || content.starts_with(b"\xfe\xff")
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let text = char::decode_utf16(pairs.iter().map(|pair| unit(*pair)));
    let half_a_unit = (!rest.is_empty()).then_some(char::REPLACEMENT_CHARACTER);
    text.map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).chain(half_a_unit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_decoded_and_left_as_it_is() {
        for (content, text) in [
            (&b"a\r\n\tb "[..], "a\r\n\tb "),
            (b"\xef\xbb\xbf\xc3\xbc", "ü"),
            (b"caf\xe9!", "caf\u{fffd}!"),
            (b"\xff\xfea\0\x3d\xd8\x00\xdeb", "a😀\u{fffd}"),
            (b"\xfe\xff\0a\xd8\x3d\0b", "a\u{fffd}b"),
            (b"\xff\xfea\0\0\0", "a\u{fffd}"),
            (b"", ""),
        ] {
            assert_eq!(read(content).unwrap(), text, "{content:?}");
        }
    }

    #[test]
    fn utf16_can_be_longer_than_what_is_kept() {
        let content = [b"\xff\xfe".to_vec(), b"\x00\x30".repeat(LONGEST_TEXT / 2)].concat();
        assert_eq!(read(&content), Err(Unreadable::TooLong));
    }
}
