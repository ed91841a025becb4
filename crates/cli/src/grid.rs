//! Rows as an aligned table, for people; and as JSON, for programs.

use seedbed::Value;
use seedbed::console::Answer;

/// Lays rows out under their columns. `widest` cuts longer values; numbers stand to the right.
pub(crate) fn render(answer: &Answer, widest: usize) -> String {
    let is_number = |value: &Value<'_>| matches!(value, Value::Integer(_) | Value::Real(_));
    let mut grid: Vec<Vec<(String, bool)>> =
        vec![answer.columns.iter().map(|name| (shortened(&one_line(name), widest), false)).collect()];
    grid.extend(answer.rows.iter().map(|row| {
        row.iter().map(|value| (shortened(&one_line(&text(value)), widest), is_number(value))).collect()
    }));
    let width =
        |column: usize| grid.iter().map(|row: &Vec<(String, bool)>| row[column].0.chars().count()).max();
    let widths: Vec<usize> = (0..answer.columns.len()).map(|column| width(column).unwrap_or(0)).collect();
    let mut lines = String::new();
    for (number, row) in grid.iter().enumerate() {
        let cells = row.iter().zip(&widths).map(|((cell, is_number), width)| {
            let blank = " ".repeat(width - cell.chars().count());
            if *is_number { format!("{blank}{cell}") } else { format!("{cell}{blank}") }
        });
        lines.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        lines.push('\n');
        if number == 0 {
            let rules: Vec<String> = widths.iter().map(|width| "-".repeat((*width).max(1))).collect();
            lines.push_str(&rules.join("  "));
            lines.push('\n');
        }
    }
    lines
}

/// Returns a value for JSON; a blob is hexadecimal, as SQL writes it.
pub(crate) fn json(value: &Value<'_>) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Integer(whole) => (*whole).into(),
        Value::Real(real) => (*real).into(),
        other => text(other).into(),
    }
}

fn text(value: &Value<'_>) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Integer(whole) => whole.to_string(),
        // `1.0` says that it is no whole number.
        Value::Real(real) => format!("{real:?}"),
        Value::Text(text) => text.to_string(),
        Value::Blob(bytes) => {
            let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("x'{digits}'")
        }
    }
}

/// Line ends would break the table.
fn one_line(text: &str) -> String {
    text.replace('\r', "\\r").replace('\n', "\\n").replace('\t', "\\t")
}

fn shortened(text: &str, widest: usize) -> String {
    if text.chars().count() <= widest {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(widest.saturating_sub(1)).collect();
    short.push('\u{2026}');
    short
}

#[cfg(test)]
mod tests {
    use super::render;
    use seedbed::Value;
    use seedbed::console::Answer;

    #[test]
    fn columns_are_aligned_and_long_values_cut() {
        let answer = Answer {
            columns: vec!["id".to_owned(), "name".to_owned()],
            rows: vec![
                vec![Value::Integer(1), Value::Text("two\nlines".into())],
                vec![Value::Integer(10), Value::Text("a very long name".into())],
                vec![Value::Null, Value::Blob(vec![0, 255].into())],
            ],
            has_more: false,
            changed: 0,
        };
        let expected =
            "id    name\n----  ----------\n   1  two\\nlines\n  10  a very lo\u{2026}\nNULL  x'00ff'\n";
        assert_eq!(render(&answer, 10), expected);
    }
}
