//! The tokenizer: SQL text in, tokens with their place out.
//!
//! Every byte of the input belongs to exactly one token, so joining the texts gives the input back. Bad input
//! (an unterminated string, a stray byte) becomes a token of kind [`TokenKind::Bad`]; nothing is lost and nothing panics.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// White space.
    Space,
    /// `-- …` up to the line's end, or `/* … */`.
    Comment,
    /// A bare word: keyword or identifier.
    Word,
    /// An identifier in double quotes, backticks or brackets.
    Quoted,
    /// A text literal in single quotes.
    Text,
    /// `x'…'`.
    Blob,
    /// A number.
    Number,
    /// A bound parameter: `?`, `?1`, `:a`, `@a`, `$a`.
    Parameter,
    /// An operator or a punctuation mark, one token for `<>`, `||`, `->>` and their like.
    Symbol,
    /// Something SQLite would refuse: an unterminated literal or a byte that starts no token.
    Bad,
}

/// A piece of SQL text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: TokenKind,
    /// The text as written.
    pub text: &'a str,
    /// The byte offset in the input.
    pub start: usize,
}

impl<'a> Token<'a> {
    /// The byte offset behind the token.
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Whether this is white space or a comment.
    pub fn is_trivia(&self) -> bool {
        matches!(self.kind, TokenKind::Space | TokenKind::Comment)
    }

    /// Whether this is that bare word, without regard to case.
    pub fn is_word(&self, word: &str) -> bool {
        self.kind == TokenKind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// Whether this is that symbol.
    pub fn is_symbol(&self, symbol: &str) -> bool {
        self.kind == TokenKind::Symbol && self.text == symbol
    }

    /// Returns the name a token stands for when it is read as an identifier: quotes removed, doubled quotes halved.
    ///
    /// SQLite accepts a text literal in the place of a name, so a literal has a name too.
    pub fn identifier(&self) -> Option<String> {
        match self.kind {
            TokenKind::Word => Some(self.text.to_owned()),
            TokenKind::Quoted | TokenKind::Text => {
                let inner = &self.text[1..self.text.len() - 1];
                Some(match self.text.as_bytes()[0] {
                    b'[' => inner.to_owned(),
                    b'`' => inner.replace("``", "`"),
                    b'"' => inner.replace("\"\"", "\""),
                    _ => inner.replace("''", "'"),
                })
            }
            _ => None,
        }
    }
}

/// Cuts SQL text into tokens, white space and comments included.
///
/// ```
/// use seedbed_schema::sql::{tokenize, TokenKind};
///
/// let tokens = tokenize("SELECT 'a;b' -- end");
/// assert_eq!(tokens[2].text, "'a;b'");
/// assert_eq!(tokens[4].kind, TokenKind::Comment);
/// ```
pub fn tokenize(sql: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::with_capacity(sql.len() / 4);
    let mut start = 0;
    while start < sql.len() {
        let (kind, length) = next_token(&sql[start..]);
        tokens.push(Token { kind, text: &sql[start..start + length], start });
        start += length;
    }
    tokens
}

/// Returns the kind and the byte length of the token at the start of `rest`, which is not empty.
fn next_token(rest: &str) -> (TokenKind, usize) {
    let bytes = rest.as_bytes();
    let second = bytes.get(1).copied().unwrap_or(0);
    match bytes[0] {
        b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' => {
            (TokenKind::Space, run(bytes, |b| matches!(b, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c')))
        }
        b'-' if second == b'-' => (TokenKind::Comment, run(bytes, |b| b != b'\n')),
        b'/' if second == b'*' => {
            // SQLite ends an unterminated block comment at the end of the input.
            (TokenKind::Comment, rest[2..].find("*/").map_or(rest.len(), |at| at + 4))
        }
        b'\'' => quoted(rest, b'\'', TokenKind::Text),
        b'"' => quoted(rest, b'"', TokenKind::Quoted),
        b'`' => quoted(rest, b'`', TokenKind::Quoted),
        b'[' => match rest.find(']') {
            Some(at) => (TokenKind::Quoted, at + 1),
            None => (TokenKind::Bad, rest.len()),
        },
        b'x' | b'X' if second == b'\'' => blob(bytes),
        b'0'..=b'9' => (TokenKind::Number, number(bytes)),
        b'.' if second.is_ascii_digit() => (TokenKind::Number, number(bytes)),
        b'?' => (TokenKind::Parameter, 1 + run(&bytes[1..], |b| b.is_ascii_digit())),
        b':' | b'@' | b'$' | b'#' if is_word_byte(second) => {
            (TokenKind::Parameter, 1 + run(&bytes[1..], is_word_byte))
        }
        first if is_word_start(first) => (TokenKind::Word, run(bytes, is_word_byte)),
        first => {
            for symbol in ["->>", "->", "||", "<=", ">=", "<>", "!=", "==", "<<", ">>"] {
                if rest.starts_with(symbol) {
                    return (TokenKind::Symbol, symbol.len());
                }
            }
            let is_symbol = b"(),;.+-*/%=<>&|~".contains(&first);
            (if is_symbol { TokenKind::Symbol } else { TokenKind::Bad }, 1)
        }
    }
}

/// Counts the leading bytes for which `wanted` holds. All bytes of a multi-byte character count as word bytes, so
/// a run never ends inside a character.
fn run(bytes: &[u8], wanted: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|byte| !wanted(*byte)).unwrap_or(bytes.len())
}

fn is_word_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn is_word_byte(byte: u8) -> bool {
    is_word_start(byte) || byte.is_ascii_digit() || byte == b'$'
}

/// A literal in which the doubled quote stands for the quote.
fn quoted(rest: &str, quote: u8, kind: TokenKind) -> (TokenKind, usize) {
    let bytes = rest.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        if bytes[at] == quote {
            if bytes.get(at + 1) == Some(&quote) {
                at += 1;
            } else {
                return (kind, at + 1);
            }
        }
        at += 1;
    }
    (TokenKind::Bad, rest.len())
}

fn blob(bytes: &[u8]) -> (TokenKind, usize) {
    let digits = run(&bytes[2..], |b| b.is_ascii_hexdigit());
    let end = 2 + digits;
    if bytes.get(end) == Some(&b'\'') && digits % 2 == 0 {
        return (TokenKind::Blob, end + 1);
    }
    let rest = run(&bytes[end..], |b| b != b'\'');
    (TokenKind::Bad, (end + rest + 1).min(bytes.len()))
}

/// Decimal and hexadecimal numbers with `_` between digits, see <https://www.sqlite.org/lang_expr.html#literal_values_constants_>.
fn number(bytes: &[u8]) -> usize {
    let is_digit = |b: u8| b.is_ascii_digit() || b == b'_';
    if bytes[0] == b'0' && matches!(bytes.get(1), Some(b'x' | b'X')) {
        return 2 + run(&bytes[2..], |b| b.is_ascii_hexdigit() || b == b'_');
    }
    let mut end = run(bytes, is_digit);
    if bytes.get(end) == Some(&b'.') {
        end += 1 + run(&bytes[end + 1..], is_digit);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        if bytes.get(end + 1 + sign).is_some_and(u8::is_ascii_digit) {
            end += 1 + sign + run(&bytes[end + 1 + sign..], is_digit);
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::{TokenKind, tokenize};

    fn kinds(sql: &str) -> Vec<(TokenKind, &str)> {
        tokenize(sql)
            .into_iter()
            .filter(|token| !token.is_trivia())
            .map(|token| (token.kind, token.text))
            .collect()
    }

    #[test]
    fn every_byte_belongs_to_one_token() {
        for sql in [
            "SELECT \"a\"\"b\", 'x''y;' /* ; */ -- z",
            "x'0g' 'open",
            "\u{e9}t\u{e9} = ?1 + :n ->> '$.a'",
            "[a b].`c`",
            "#",
            "\u{1}",
            "1e+ 1e5 .5 0xFF 1_000",
        ] {
            let joined: String = tokenize(sql).iter().map(|token| token.text).collect();
            assert_eq!(joined, sql);
        }
    }

    #[test]
    fn literals_keep_their_separators() {
        assert_eq!(kinds("'a;b''c';"), [(TokenKind::Text, "'a;b''c'"), (TokenKind::Symbol, ";")]);
        assert_eq!(kinds("x'00fF'"), [(TokenKind::Blob, "x'00fF'")]);
        assert_eq!(kinds("1.5e-3.a")[0], (TokenKind::Number, "1.5e-3"));
    }

    #[test]
    fn identifiers_lose_their_quotes() {
        let names: Vec<_> =
            tokenize("\"a\"\"b\"`c``d`[e]f").iter().filter_map(super::Token::identifier).collect();
        assert_eq!(names, ["a\"b", "c`d", "e", "f"]);
    }

    #[test]
    fn unterminated_literals_are_bad() {
        for sql in ["'open", "\"open", "[open", "x'0", "x'abc'"] {
            assert_eq!(kinds(sql)[0].0, TokenKind::Bad, "{sql}");
        }
    }
}
