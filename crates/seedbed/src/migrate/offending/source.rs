//! The rows that a statement wants to write, as a subquery that can be searched.

use rusqlite::Connection;
use seedbed_schema::sql::{Token, quote_identifier, tokenize};

use super::super::script::is_same;

/// The rows that a statement writes or checks.
#[derive(Debug, Default)]
pub(crate) struct Source {
    /// The table they are written to.
    pub(crate) table: String,
    /// The columns that are written; empty for rows that the table has already.
    pub(crate) columns: Vec<String>,
    /// All columns of the table.
    pub(super) all_columns: Vec<String>,
    /// A SELECT that yields `columns` in that order; `None` for the rows the table has.
    select: Option<String>,
    /// Which of the table's rows.
    filter: Option<String>,
    /// What a CREATE UNIQUE INDEX indexes.
    pub(crate) unique_terms: Option<Vec<String>>,
    /// The column of a SET NOT NULL.
    pub(crate) not_null: Option<String>,
    /// The condition of an ADD CHECK.
    pub(crate) check: Option<String>,
}

impl Source {
    /// Takes a statement apart; `None` when it is of no kind that is known here.
    pub(crate) fn read(connection: &Connection, sql: &str) -> rusqlite::Result<Option<Self>> {
        let tokens: Vec<Token<'_>> = tokenize(sql).into_iter().filter(|token| !token.is_trivia()).collect();
        let mut reader = Reader { sql, tokens: &tokens, at: 0 };
        let Some((mut source, assignments)) = reader.source() else { return Ok(None) };
        let statement = "SELECT name FROM pragma_table_xinfo(?1, 'main') WHERE hidden <> 1 ORDER BY cid";
        let mut statement = connection.prepare(statement)?;
        let names = statement.query_map([&source.table], |row| row.get(0))?;
        source.all_columns = names.collect::<rusqlite::Result<_>>()?;
        if source.select.is_some() && source.columns.is_empty() {
            source.columns.clone_from(&source.all_columns);
        }
        if !assignments.is_empty() {
            source.apply(&assignments);
        }
        Ok(Some(source))
    }

    /// Makes the rows of an UPDATE: every column as it is or as it would become.
    fn apply(&mut self, assignments: &[(String, String)]) {
        let values: Vec<String> = self
            .all_columns
            .iter()
            .map(|column| {
                let assigned = assignments.iter().find(|(name, _)| is_same(name, column));
                assigned.map_or_else(|| quote_identifier(column), |(_, value)| format!("({value})"))
            })
            .collect();
        let filter = self.filter.take().map_or_else(String::new, |filter| format!(" WHERE {filter}"));
        self.select =
            Some(format!("SELECT {} FROM main.{}{filter}", values.join(", "), quote_identifier(&self.table)));
        self.columns.clone_from(&self.all_columns);
    }

    /// Whether only some of the table's rows are meant.
    pub(crate) fn is_filtered(&self) -> bool {
        self.filter.is_some()
    }

    /// Returns what stands behind FROM. The rows have the table's name, so that a CHECK can be asked as it stands.
    pub(crate) fn subquery(&self) -> String {
        let table = quote_identifier(&self.table);
        match (&self.select, &self.filter) {
            (Some(select), _) => {
                let columns: Vec<String> =
                    self.columns.iter().map(|column| quote_identifier(column)).collect();
                let columns = columns.join(", ");
                format!(
                    "(WITH __seedbed_rows({columns}) AS ({select}) SELECT * FROM __seedbed_rows) AS {table}"
                )
            }
            (None, Some(filter)) => format!("(SELECT rowid, * FROM main.{table} WHERE {filter}) AS {table}"),
            (None, None) => format!("main.{table}"),
        }
    }
}

/// Returns the place of the parenthesis that closes the one at `open`.
pub(super) fn closing(tokens: &[Token<'_>], open: usize) -> Option<usize> {
    if !tokens.get(open)?.is_symbol("(") {
        return None;
    }
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate().skip(open) {
        if token.is_symbol("(") {
            depth += 1;
        } else if token.is_symbol(")") {
            depth -= 1;
            if depth == 0 {
                return Some(index);
            }
        }
    }
    None
}

/// A reading head over a statement.
struct Reader<'a> {
    sql: &'a str,
    tokens: &'a [Token<'a>],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Reads a statement: what it writes, and the assignments of an UPDATE.
    fn source(&mut self) -> Option<(Source, Vec<(String, String)>)> {
        let first = *self.tokens.first()?;
        self.at = 1;
        if first.is_word("INSERT") || first.is_word("REPLACE") {
            return Some((self.insert()?, Vec::new()));
        }
        if first.is_word("UPDATE") {
            return self.update();
        }
        if first.is_word("CREATE") && self.take("UNIQUE") && self.take("INDEX") {
            return Some((self.unique_index()?, Vec::new()));
        }
        if first.is_word("ALTER") && self.take("TABLE") {
            return Some((self.alter()?, Vec::new()));
        }
        None
    }

    fn insert(&mut self) -> Option<Source> {
        self.skip_conflict();
        self.take("INTO").then_some(())?;
        let table = self.name()?;
        let mut columns = Vec::new();
        if let Some(close) = closing(self.tokens, self.at) {
            let names = &self.tokens[self.at + 1..close];
            columns =
                names.iter().filter(|token| !token.is_symbol(",")).filter_map(Token::identifier).collect();
            self.at = close + 1;
        }
        let select = Some(self.text(self.at, self.tokens.len())?.to_owned());
        Some(Source { table, columns, select, ..Source::default() })
    }

    fn update(&mut self) -> Option<(Source, Vec<(String, String)>)> {
        self.skip_conflict();
        let table = self.name()?;
        self.take("SET").then_some(())?;
        let end = self.find(&["WHERE", "FROM", "RETURNING", "ORDER", "LIMIT"]);
        let assignments = self
            .parts(self.at, end)
            .into_iter()
            .filter_map(|(start, end)| {
                let name = self.tokens[start].identifier()?;
                self.tokens.get(start + 1)?.is_symbol("=").then_some(())?;
                Some((name, self.text(start + 2, end)?.to_owned()))
            })
            .collect();
        self.at = end;
        let mut filter = None;
        if self.take("WHERE") {
            let end = self.find(&["RETURNING", "ORDER", "LIMIT"]);
            filter = self.text(self.at, end).map(str::to_owned);
            self.at = end;
        }
        // With FROM, ORDER BY or LIMIT the rows are not simply those of the table.
        let is_simple = self.at == self.tokens.len();
        is_simple.then(|| (Source { table, filter, ..Source::default() }, assignments))
    }

    fn unique_index(&mut self) -> Option<Source> {
        while !self.take("ON") {
            self.tokens.get(self.at)?;
            self.at += 1;
        }
        let table = self.name()?;
        let close = closing(self.tokens, self.at)?;
        let terms = self.parts(self.at + 1, close).into_iter().filter_map(|(start, end)| {
            let has_order = self.tokens[end - 1].is_word("ASC") || self.tokens[end - 1].is_word("DESC");
            self.text(start, end - usize::from(has_order)).map(str::to_owned)
        });
        let unique_terms = Some(terms.collect());
        self.at = close + 1;
        let filter = if self.take("WHERE") { self.text(self.at, self.tokens.len()) } else { None };
        Some(Source { table, filter: filter.map(str::to_owned), unique_terms, ..Source::default() })
    }

    /// `ALTER TABLE t ALTER c SET NOT NULL` and `ALTER TABLE t ADD CONSTRAINT n CHECK (…)`.
    fn alter(&mut self) -> Option<Source> {
        let table = self.name()?;
        let mut source = Source { table, ..Source::default() };
        if self.take("ALTER") {
            self.take("COLUMN");
            source.not_null = self.name();
        } else {
            let check = self.tokens.iter().position(|token| token.is_word("CHECK"))?;
            let close = closing(self.tokens, check + 1)?;
            source.check = self.text(check + 2, close).map(str::to_owned);
        }
        Some(source)
    }

    fn skip_conflict(&mut self) {
        if self.take("OR") {
            self.at += 1;
        }
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.tokens.get(self.at).is_some_and(|token| token.is_word(word));
        self.at += usize::from(found);
        found
    }

    fn name(&mut self) -> Option<String> {
        if self.tokens.get(self.at + 1).is_some_and(|token| token.is_symbol(".")) {
            self.at += 2;
        }
        let name = self.tokens.get(self.at)?.identifier()?;
        self.at += 1;
        Some(name)
    }

    /// Returns the text from one token up to another; `None` when nothing is between them.
    fn text(&self, start: usize, end: usize) -> Option<&'a str> {
        let (first, last) = (self.tokens.get(start)?, self.tokens.get(end.checked_sub(1)?)?);
        (start < end).then(|| &self.sql[first.start..last.end()])
    }

    /// Finds the next of these words that stands in no parentheses, or the end.
    fn find(&self, words: &[&str]) -> usize {
        let is_end = |index: &usize| words.iter().any(|word| self.tokens[*index].is_word(word));
        self.outside_parentheses(self.at, self.tokens.len()).find(is_end).unwrap_or(self.tokens.len())
    }

    /// Cuts at the commas that stand in no parentheses.
    fn parts(&self, start: usize, end: usize) -> Vec<(usize, usize)> {
        let mut parts = Vec::new();
        let mut from = start;
        for index in self.outside_parentheses(start, end).filter(|index| self.tokens[*index].is_symbol(",")) {
            parts.push((from, index));
            from = index + 1;
        }
        parts.push((from, end));
        parts.retain(|(start, end)| start < end);
        parts
    }

    fn outside_parentheses(&self, start: usize, end: usize) -> impl Iterator<Item = usize> + '_ {
        let mut depth = 0_usize;
        (start..end).filter(move |index| {
            let token = self.tokens[*index];
            if token.is_symbol(")") {
                depth = depth.saturating_sub(1);
            }
            let outside = depth == 0;
            depth += usize::from(token.is_symbol("("));
            outside
        })
    }
}
