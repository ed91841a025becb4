//! Refuses source that is nested so deeply, or chained so long, that reading it could exhaust the stack.
//!
//! The parser descends once for each bracket, and for each link of a chain (`- - - 1`, `&&&T`, `|a| |b| c`). No person
//! writes such source; a damaged or a hostile file may hold it, and the answer is a fault like any other.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree, token_stream};

/// How deep brackets may be nested.
const DEPTH: usize = 128;

/// How many tokens may follow one another without a comma, a semicolon or a block between them.
const CHAIN: usize = 4_000;

/// Returns the place where the text is nested or chained beyond what is read.
pub(super) fn too_deep(text: &str) -> Option<Span> {
    // Lexing twice would be felt in a large schema, so bytes are counted first: they never count too little.
    if is_shallow(text) {
        return None;
    }
    let mut levels = vec![Level::new(text.parse::<TokenStream>().ok()?)];
    let mut after_hash = false;
    while let Some(level) = levels.last_mut() {
        let Some(token) = level.tokens.next() else {
            levels.pop();
            continue;
        };
        level.chain += 1;
        let span = token.span();
        let was_hash = std::mem::replace(&mut after_hash, false);
        match token {
            TokenTree::Punct(mark) if matches!(mark.as_char(), ',' | ';') => level.chain = 0,
            TokenTree::Punct(mark) if mark.as_char() == '#' => after_hash = true,
            // `if a {} else if b {} else …` is one chain, whatever stands in the blocks.
            TokenTree::Ident(word) if word == "else" => level.chain += level.before_block,
            TokenTree::Group(group) => {
                match group.delimiter() {
                    Delimiter::Brace => level.before_block = std::mem::take(&mut level.chain),
                    // An attribute; a comment for documentation is one for each line.
                    Delimiter::Bracket if was_hash => level.chain = level.chain.saturating_sub(2),
                    _ => {}
                }
                if levels.len() > DEPTH {
                    return Some(span);
                }
                levels.push(Level::new(group.stream()));
                continue;
            }
            _ => {}
        }
        if level.chain > CHAIN {
            return Some(span);
        }
    }
    None
}

/// The inside of a bracket, or the whole text.
struct Level {
    tokens: token_stream::IntoIter,
    /// How many tokens have followed one another.
    chain: usize,
    /// How many there were before the last block.
    before_block: usize,
}

impl Level {
    fn new(tokens: TokenStream) -> Self {
        Self { tokens: tokens.into_iter(), chain: 0, before_block: 0 }
    }
}

/// Whether a look at the bytes is enough to know that nothing is deep: brackets inside of texts and comments count too.
fn is_shallow(text: &str) -> bool {
    let (mut depth, mut chain) = (0_usize, 0_usize);
    for byte in text.bytes() {
        chain += 1;
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b',' | b';' => chain = 0,
            _ => {}
        }
        if depth > DEPTH || chain > CHAIN {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::too_deep;

    #[test]
    fn deep_and_long_source_is_found_and_what_people_write_is_not() {
        let nested = |open: &str, close: &str| {
            format!("struct A {{ a: {}i64{} }}", open.repeat(5_000), close.repeat(5_000))
        };
        assert!(too_deep(&nested("(", ")")).is_some());
        assert!(too_deep(&nested("&", "")).is_some());
        assert!(too_deep(&nested("Option<", ">")).is_some());
        assert!(too_deep(&format!("const A: i64 = {}1;", "-".repeat(5_000))).is_some());
        let documented = format!("{}struct A {{ a: i64 }}", "/// A (line) of { text.\n".repeat(5_000));
        assert!(too_deep(&documented).is_none());
        let many = "#[derive(Table)]\npub struct A { a: i64 }\n".repeat(5_000);
        assert!(too_deep(&many).is_none());
    }
}
