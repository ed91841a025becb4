//! Reads an SQL condition for hints: which values a column that it mentions is likely to accept.
//!
//! `level BETWEEN 1 AND 9` speaks of 1, 9 and 5, `length(code) = 3` of texts of three characters, `kind IN ('a', 'b')`
//! of 'a' and 'b'. This is guessing from tokens, not understanding: SQLite judges every row in the end, so a hint that
//! is wrong costs one attempt.

use rusqlite::types::Value;
use seedbed_schema::model::Table;
use seedbed_schema::sql::{SqlExpr, Token, TokenKind, tokenize};

/// A guess at a value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Hint {
    /// This very value.
    Value(Value),
    /// A text or blob of that length.
    Length(usize),
    /// A text that matches a LIKE pattern.
    Like(String),
    /// A text that matches a GLOB pattern.
    Glob(String),
    /// A text with this one inside.
    Around(String),
    /// A JSON document.
    Json,
    /// A date or time as text.
    Time,
    /// A date or time as `strftime` writes it in that format.
    Formatted(String),
}

/// What a condition says about one column.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ColumnHint {
    /// The place of the column in the table.
    pub(super) column: usize,
    /// The guess.
    pub(super) hint: Hint,
    /// Whether the guess stands right beside the column; the others only occur in the same condition.
    pub(super) strong: bool,
}

/// Returns the hints that an expression gives about the columns of a table, without repetitions.
pub(super) fn hints(expr: &SqlExpr, table: &Table) -> Vec<ColumnHint> {
    let tokens: Vec<Token<'_>> =
        tokenize(expr.as_str()).into_iter().filter(|token| !token.is_trivia()).collect();
    let mentions = mentioned_columns(&tokens, table);
    let mut found = Vec::new();
    let mut add = |column, hint, strong| {
        let known = found.iter().any(|known: &ColumnHint| known.column == column && known.hint == hint);
        if !known {
            found.push(ColumnHint { column, hint, strong });
        }
    };
    for &(at, column) in &mentions {
        for hint in beside(&tokens, at) {
            add(column, hint, true);
        }
    }
    let general = general_hints(&tokens);
    for &(_, column) in &mentions {
        for hint in &general {
            add(column, hint.clone(), false);
        }
    }
    found
}

/// Returns the places in the table of the columns that an expression mentions, each once.
pub(super) fn columns_in(expr: &SqlExpr, table: &Table) -> Vec<usize> {
    let mut columns: Vec<usize> =
        expr.identifiers().filter_map(|name| column_position(table, &name)).collect();
    columns.sort_unstable();
    columns.dedup();
    columns
}

pub(super) fn column_position(table: &Table, name: &str) -> Option<usize> {
    table.columns.iter().position(|column| column.name.eq_ignore_ascii_case(name))
}

/// Returns the token and the column of every mention.
fn mentioned_columns(tokens: &[Token<'_>], table: &Table) -> Vec<(usize, usize)> {
    let mention = |at: usize| {
        let is_name = matches!(tokens[at].kind, TokenKind::Word | TokenKind::Quoted);
        let is_function = tokens.get(at + 1).is_some_and(|next| next.is_symbol("("));
        let name = tokens[at].identifier().filter(|_| is_name && !is_function)?;
        Some((at, column_position(table, &name)?))
    };
    (0..tokens.len()).filter_map(mention).collect()
}

/// Returns the hints from what stands right before and behind the column at that token.
fn beside(tokens: &[Token<'_>], at: usize) -> Vec<Hint> {
    let (left, right, function) = wrapped(tokens, at);
    let mut values = Vec::new();
    let mut hints = Vec::new();
    let mut next = right + 1;
    if word_at(tokens, next, "COLLATE") {
        next += 2;
    }
    if word_at(tokens, next, "NOT") {
        next += 1;
    }
    if function.as_deref() == Some("json_valid") {
        hints.push(Hint::Json);
    }
    let Some(operator) = tokens.get(next) else {
        hints.extend(before(tokens, left, function.as_deref()));
        return hints;
    };
    if operator.is_word("IN") {
        let end =
            tokens[next..].iter().position(|token| token.is_symbol(")")).map_or(tokens.len(), |n| next + n);
        values.extend((next + 1..end).filter_map(|place| literal(tokens, place)));
    } else if operator.is_word("BETWEEN") {
        let low = literal_from(tokens, next + 1);
        let high = low.as_ref().and_then(|(_, behind)| literal_from(tokens, behind + 1));
        if let (Some((low, _)), Some((high, _))) = (low, high) {
            values.extend(middle(&low, &high));
            values.extend([low, high]);
        }
    } else if is_comparison(operator) && word_at(tokens, next + 1, "strftime") {
        // `made_at IS strftime('%Y-%m-%d', made_at)` holds for the times that have this form.
        if let Some(Value::Text(format)) = literal(tokens, next + 3) {
            hints.push(Hint::Formatted(format));
        }
    } else if let Some((value, _)) = literal_from(tokens, next + 1) {
        match value {
            Value::Text(pattern) if operator.is_word("LIKE") => hints.push(Hint::Like(pattern)),
            Value::Text(pattern) if operator.is_word("GLOB") => hints.push(Hint::Glob(pattern)),
            value if is_comparison(operator) => values.extend(around(value)),
            _ => {}
        }
    }
    hints.extend(values.into_iter().filter_map(|value| through(function.as_deref(), value)));
    hints.extend(before(tokens, left, function.as_deref()));
    hints
}

/// Returns the hint of a literal that is compared with the column from the left, `0 < level`.
fn before(tokens: &[Token<'_>], left: usize, function: Option<&str>) -> Vec<Hint> {
    let compared = left >= 2 && is_comparison(&tokens[left - 1]);
    let value = if compared { literal(tokens, left - 2) } else { None };
    value.into_iter().flat_map(around).filter_map(|value| through(function, value)).collect()
}

/// Widens a column to the calls and parentheses around it; returns the first and last token and the function that says
/// most about the values: the outermost.
fn wrapped(tokens: &[Token<'_>], at: usize) -> (usize, usize, Option<String>) {
    let (mut left, mut right, mut function) = (at, at, None);
    while left >= 1 && tokens[left - 1].is_symbol("(") {
        let Some(close) = closing(tokens, left - 1) else { break };
        let caller =
            left.checked_sub(2).map(|before| tokens[before]).filter(|token| is_function_name(*token));
        match caller {
            Some(name) => {
                function = Some(name.text.to_ascii_lowercase());
                left -= 2;
            }
            None if close == right + 1 => left -= 1,
            None => break,
        }
        right = close;
    }
    (left, right, function)
}

fn is_function_name(token: Token<'_>) -> bool {
    const NOT_FUNCTIONS: [&str; 9] = ["AND", "OR", "NOT", "IN", "IS", "BETWEEN", "WHEN", "THEN", "ELSE"];
    token.kind == TokenKind::Word && !NOT_FUNCTIONS.iter().any(|word| token.is_word(word))
}

/// Returns the parenthesis that closes the one at `open`.
fn closing(tokens: &[Token<'_>], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        if token.is_symbol("(") {
            depth += 1;
        } else if token.is_symbol(")") {
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

fn word_at(tokens: &[Token<'_>], at: usize, word: &str) -> bool {
    tokens.get(at).is_some_and(|token| token.is_word(word))
}

fn is_comparison(token: &Token<'_>) -> bool {
    let symbols = ["=", "==", "<>", "!=", "<", "<=", ">", ">="];
    token.is_word("IS") || symbols.iter().any(|symbol| token.is_symbol(symbol))
}

/// Returns a hint for a column whose `function` is compared with the value.
fn through(function: Option<&str>, value: Value) -> Option<Hint> {
    match (function, value) {
        (Some("length" | "octet_length" | "char_length"), Value::Integer(length)) => {
            usize::try_from(length).ok().map(|length| Hint::Length(length.min(2_000)))
        }
        (Some("typeof"), Value::Text(name)) => Some(Hint::Value(match name.as_str() {
            "integer" => Value::Integer(7),
            "real" => Value::Real(7.5),
            "blob" => Value::Blob(vec![1, 2, 3]),
            "null" => Value::Null,
            _ => Value::Text("seven".to_owned()),
        })),
        (Some("substr" | "substring"), Value::Text(part)) => Some(Hint::Like(format!("{part}%"))),
        (_, value) => Some(Hint::Value(value)),
    }
}

/// Returns hints for every column of the condition: its literals, and what its functions expect.
fn general_hints(tokens: &[Token<'_>]) -> Vec<Hint> {
    let mut hints = Vec::new();
    let numbers: Vec<Value> = (0..tokens.len()).filter_map(|at| literal(tokens, at)).collect();
    hints.extend(numbers.windows(2).filter_map(|pair| middle(&pair[0], &pair[1])).map(Hint::Value));
    for (at, token) in tokens.iter().enumerate() {
        match literal(tokens, at) {
            Some(Value::Text(text)) => {
                hints.push(Hint::Value(Value::Text(text.clone())));
                hints.push(Hint::Around(text));
            }
            Some(value) => hints.extend(around(value).into_iter().map(Hint::Value)),
            None if is_call(tokens, at, "json") || token.is_symbol("->") || token.is_symbol("->>") => {
                hints.push(Hint::Json);
            }
            None if ["date", "time", "julianday", "strftime", "unixepoch"]
                .iter()
                .any(|name| is_call(tokens, at, name)) =>
            {
                hints.push(Hint::Time);
            }
            None => {}
        }
    }
    hints
}

/// Whether a call of a function whose name begins like that stands at the token.
fn is_call(tokens: &[Token<'_>], at: usize, prefix: &str) -> bool {
    let text = tokens[at].text;
    let begins = text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    begins && tokens.get(at + 1).is_some_and(|next| next.is_symbol("("))
}

/// Returns the value of the literal that begins at the token, its sign included, and the place behind it.
fn literal_from(tokens: &[Token<'_>], at: usize) -> Option<(Value, usize)> {
    let signed = tokens.get(at).is_some_and(|token| token.is_symbol("-") || token.is_symbol("+"));
    let place = at + usize::from(signed);
    literal(tokens, place).map(|value| (value, place + 1))
}

/// Returns the value of the literal at the token; a minus right before it is its sign.
pub(super) fn literal(tokens: &[Token<'_>], at: usize) -> Option<Value> {
    let token = tokens.get(at)?;
    match token.kind {
        TokenKind::Number => {
            let negative = at > 0 && tokens[at - 1].is_symbol("-");
            number(token.text).map(|value| if negative { negated(value) } else { value })
        }
        TokenKind::Text => token.identifier().map(Value::Text),
        TokenKind::Blob => Some(Value::Blob(bytes(&token.text[2..token.text.len() - 1]))),
        TokenKind::Word if token.is_word("NULL") => Some(Value::Null),
        TokenKind::Word if token.is_word("TRUE") => Some(Value::Integer(1)),
        TokenKind::Word if token.is_word("FALSE") => Some(Value::Integer(0)),
        _ => None,
    }
}

fn number(text: &str) -> Option<Value> {
    let digits = text.replace('_', "");
    if let Some(hexadecimal) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        return u64::from_str_radix(hexadecimal, 16).ok().map(|bits| Value::Integer(bits as i64));
    }
    match digits.parse::<i64>() {
        Ok(whole) => Some(Value::Integer(whole)),
        Err(_) => digits.parse::<f64>().ok().map(Value::Real),
    }
}

fn negated(value: Value) -> Value {
    match value {
        Value::Integer(whole) => Value::Integer(whole.wrapping_neg()),
        Value::Real(real) => Value::Real(-real),
        other => other,
    }
}

fn bytes(digits: &str) -> Vec<u8> {
    let nibble = |byte: u8| char::from(byte).to_digit(16).unwrap_or(0) as u8;
    digits.as_bytes().chunks_exact(2).map(|pair| nibble(pair[0]) << 4 | nibble(pair[1])).collect()
}

/// Returns a number with its neighbours, so that `>` and `<` are met as well as `=`.
fn around(value: Value) -> Vec<Value> {
    match value {
        Value::Integer(whole) => [0, 1, -1].map(|step| Value::Integer(whole.saturating_add(step))).to_vec(),
        Value::Real(real) => [0.0, 0.5, -0.5, 0.0625, -0.0625].map(|step| Value::Real(real + step)).to_vec(),
        other => vec![other],
    }
}

fn middle(low: &Value, high: &Value) -> Option<Value> {
    match (low, high) {
        (Value::Integer(low), Value::Integer(high)) => Some(Value::Integer(low.midpoint(*high))),
        (Value::Integer(_) | Value::Real(_), Value::Integer(_) | Value::Real(_)) => {
            Some(Value::Real(as_real(low).midpoint(as_real(high))))
        }
        _ => None,
    }
}

fn as_real(value: &Value) -> f64 {
    match value {
        Value::Integer(whole) => *whole as f64,
        Value::Real(real) => *real,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::{Hint, hints};
    use rusqlite::types::Value;
    use seedbed_schema::model::{Column, Table};
    use seedbed_schema::sql::SqlExpr;

    fn strong(expr: &str) -> Vec<(usize, Hint)> {
        let column = |name: &str| Column { name: name.to_owned(), ..Column::default() };
        let table = Table { columns: vec![column("a"), column("b c")], ..Table::default() };
        let found = hints(&SqlExpr::new(expr), &table);
        found.into_iter().filter(|hint| hint.strong).map(|hint| (hint.column, hint.hint)).collect()
    }

    fn integers(column: usize, values: &[i64]) -> Vec<(usize, Hint)> {
        values.iter().map(|value| (column, Hint::Value(Value::Integer(*value)))).collect()
    }

    #[test]
    fn lists_and_ranges_name_their_values() {
        assert_eq!(strong("\"b c\" NOT IN (1, -2)"), integers(1, &[1, -2]));
        assert_eq!(strong("A BETWEEN -3 AND 9"), integers(0, &[3, -3, 9]));
        assert_eq!(strong("0 <= a"), integers(0, &[0, 1, -1]));
    }

    #[test]
    fn functions_around_a_column_turn_the_literal() {
        assert_eq!(strong("length(trim(a)) = 3")[0], (0, Hint::Length(3)));
        assert_eq!(strong("(length(a)) <= 3")[0], (0, Hint::Length(3)));
        assert_eq!(strong("substr(a, 1, 2) = 'ab'"), [(0, Hint::Like("ab%".to_owned()))]);
        assert_eq!(strong("typeof(a) = 'real'"), [(0, Hint::Value(Value::Real(7.5)))]);
    }

    #[test]
    fn forms_of_times_and_documents_are_known() {
        let format = || Hint::Formatted("%Y-%m-%d".to_owned());
        let found = strong("a IS strftime('%Y-%m-%d', a)");
        assert!(found.iter().any(|(_, hint)| *hint == format()), "{found:?}");
        let found = strong("json_valid(a)");
        assert!(found.iter().any(|(_, hint)| *hint == Hint::Json), "{found:?}");
    }

    #[test]
    fn patterns_are_kept() {
        assert_eq!(strong("a LIKE '%@%'"), [(0, Hint::Like("%@%".to_owned()))]);
        assert_eq!(strong("a COLLATE NOCASE GLOB '[a-z]*'"), [(0, Hint::Glob("[a-z]*".to_owned()))]);
    }
}
