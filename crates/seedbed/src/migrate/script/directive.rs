//! The directives that name tables and columns: `rebuild`, `keep` and `restore`.
//!
//! ```text
//! rebuild "users" drops "nickname", "age"
//! keep "users" as "people" key "id" drops "nickname" casts "age" as "years" to (…) back (…)
//! keep "log" key rowid same "at", "text" drops "level"
//! keep "tags" key "name" from (CAST("name" AS TEXT)) casts "name" back (…)
//! keep "tags" key rowid from (row_number() OVER (ORDER BY "name")) drops "name"
//! restore "people" key "id" drops "nickname" casts "years" needs "nickname"
//! restore "tags"
//! ```
//!
//! A key with `from` is that of the new table, computed from the old row: it is for tables without rowids, whose key is
//! lost or converted.
//!
//! A name is followed by `as` and its name before the migration where that is another one: what is kept goes by the
//! names of before.

use seedbed_schema::sql::{Token, tokenize};

/// A name of now and of before the migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    /// As the column is called when its values are kept.
    pub(crate) live: String,
    /// As it was called before the migration.
    pub(crate) before: String,
}

impl Name {
    /// A name that does not change.
    pub(crate) fn same(name: &str) -> Self {
        Self { live: name.to_owned(), before: name.to_owned() }
    }
}

/// How the rows of a table are told apart on both sides of a migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RowKey {
    /// By columns.
    Columns(Vec<KeyColumn>),
    /// By the rowid, and by these columns, because VACUUM may number the rows anew.
    Rowid {
        /// The rowid that a row will have, as an expression over the row of before, where that has none.
        from: Option<String>,
        /// The columns.
        same: Vec<Name>,
    },
}

impl RowKey {
    /// Returns the expressions that compute the new key from the old row.
    pub(crate) fn computed(&self) -> Vec<&str> {
        match self {
            Self::Columns(columns) => columns.iter().filter_map(|column| column.from.as_deref()).collect(),
            Self::Rowid { from, .. } => from.iter().map(String::as_str).collect(),
        }
    }
}

/// A column that tells rows apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyColumn {
    /// The column.
    pub(crate) name: Name,
    /// Its new value, as an expression over the old row; none where the value does not change.
    pub(crate) from: Option<String>,
}

/// A column whose values are converted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cast {
    /// The column.
    pub(crate) name: Name,
    /// The new value, as an expression over the old one; not needed where both tables can be read.
    pub(crate) to: Option<String>,
    /// The way back, as an expression over the new one.
    pub(crate) back: String,
}

/// What is kept of a table before it is lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Keep {
    /// The table.
    pub(crate) table: Name,
    /// How its rows are told apart.
    pub(crate) key: RowKey,
    /// The columns that go.
    pub(crate) drops: Vec<Name>,
    /// The columns that are converted.
    pub(crate) casts: Vec<Cast>,
}

/// What is brought back into a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Restore {
    /// The table.
    pub(crate) table: String,
    /// The columns; `None` for a table that is made again with all its rows.
    pub(crate) columns: Option<RestoredColumns>,
}

impl Restore {
    /// Returns the name under which the script reads what was kept.
    pub(crate) fn view(&self) -> String {
        format!("__seedbed_kept_{}", self.table)
    }
}

/// The columns that are brought back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RestoredColumns {
    /// How rows are told apart.
    pub(crate) key: RowKey,
    /// The columns that were dropped.
    pub(crate) drops: Vec<String>,
    /// The columns that were converted.
    pub(crate) casts: Vec<String>,
    /// The dropped ones that a row cannot be without.
    pub(crate) needs: Vec<String>,
}

/// Reads `rebuild "users"` or `rebuild "users" drops "a", "b"`.
pub(super) fn rebuild(directive: &str) -> Option<(String, Vec<String>)> {
    let mut reader = Reader::new(directive);
    reader.word("rebuild")?;
    let table = reader.name()?;
    let drops = if reader.word("drops").is_some() { reader.names()? } else { Vec::new() };
    reader.end()?;
    Some((table, drops))
}

/// Reads a `keep` directive.
pub(super) fn keep(directive: &str) -> Option<Keep> {
    let mut reader = Reader::new(directive);
    reader.word("keep")?;
    let table = reader.renamed()?;
    reader.word("key")?;
    let key = reader.key()?;
    let drops = if reader.word("drops").is_some() { reader.list(Reader::renamed)? } else { Vec::new() };
    let casts = if reader.word("casts").is_some() { reader.list(Reader::cast)? } else { Vec::new() };
    reader.end()?;
    Some(Keep { table, key, drops, casts })
}

/// Reads a `restore` directive.
pub(super) fn restore(directive: &str) -> Option<Restore> {
    let mut reader = Reader::new(directive);
    reader.word("restore")?;
    let table = reader.name()?;
    if reader.word("key").is_none() {
        reader.end()?;
        return Some(Restore { table, columns: None });
    }
    let key = reader.key()?;
    let mut optional =
        |word: &str| if reader.word(word).is_some() { reader.names() } else { Some(Vec::new()) };
    let (drops, casts, needs) = (optional("drops")?, optional("casts")?, optional("needs")?);
    reader.end()?;
    Some(Restore { table, columns: Some(RestoredColumns { key, drops, casts, needs }) })
}

struct Reader<'a> {
    text: &'a str,
    tokens: Vec<Token<'a>>,
    at: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        let tokens = tokenize(text).into_iter().filter(|token| !token.is_trivia()).collect();
        Self { text, tokens, at: 0 }
    }

    fn word(&mut self, word: &str) -> Option<()> {
        let found = self.tokens.get(self.at).filter(|token| token.is_word(word));
        found.map(|_| self.at += 1)
    }

    fn name(&mut self) -> Option<String> {
        let name = self.tokens.get(self.at)?.identifier()?;
        self.at += 1;
        Some(name)
    }

    fn renamed(&mut self) -> Option<Name> {
        let live = self.name()?;
        let before = if self.word("as").is_some() { self.name()? } else { live.clone() };
        Some(Name { live, before })
    }

    fn list<T>(&mut self, item: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut items = vec![item(self)?];
        while self.tokens.get(self.at).is_some_and(|token| token.is_symbol(",")) {
            self.at += 1;
            items.push(item(self)?);
        }
        Some(items)
    }

    fn names(&mut self) -> Option<Vec<String>> {
        self.list(Self::name)
    }

    fn key(&mut self) -> Option<RowKey> {
        // A column of that name is written in quotes.
        if self.word("rowid").is_none() {
            return self.list(Self::key_column).map(RowKey::Columns);
        }
        let from = if self.word("from").is_some() { Some(self.expression()?) } else { None };
        let same = if self.word("same").is_some() { self.list(Self::renamed)? } else { Vec::new() };
        Some(RowKey::Rowid { from, same })
    }

    fn key_column(&mut self) -> Option<KeyColumn> {
        let name = self.renamed()?;
        let from = if self.word("from").is_some() { Some(self.expression()?) } else { None };
        Some(KeyColumn { name, from })
    }

    fn cast(&mut self) -> Option<Cast> {
        let name = self.renamed()?;
        let to = if self.word("to").is_some() { Some(self.expression()?) } else { None };
        self.word("back")?;
        Some(Cast { name, to, back: self.expression()? })
    }

    /// Reads an expression in parentheses, and returns what is between them.
    fn expression(&mut self) -> Option<String> {
        let open = self.tokens.get(self.at).filter(|token| token.is_symbol("("))?.start + 1;
        let mut depth = 0_usize;
        while let Some(token) = self.tokens.get(self.at) {
            self.at += 1;
            if token.is_symbol("(") {
                depth += 1;
            } else if token.is_symbol(")") {
                depth -= 1;
                if depth == 0 {
                    return Some(self.text[open..token.start].trim().to_owned());
                }
            }
        }
        None
    }

    fn end(&self) -> Option<()> {
        (self.at == self.tokens.len()).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyColumn, Name, RowKey, keep, rebuild, restore};

    #[test]
    fn directives_are_read_with_the_names_of_before() {
        let text = r#"keep "users" as "people" key "id", "no" as "n""o" drops "x" casts "age" to (f("age", ')')) back ("age"), "b" back (1)"#;
        let keep = keep(text).unwrap();
        assert_eq!((keep.table.live.as_str(), keep.table.before.as_str()), ("users", "people"));
        let number = Name { live: "no".to_owned(), before: "n\"o".to_owned() };
        let steady = |name| KeyColumn { name, from: None };
        assert_eq!(keep.key, RowKey::Columns(vec![steady(Name::same("id")), steady(number)]));
        assert_eq!(keep.drops, [Name::same("x")]);
        assert_eq!(keep.casts[0].to.as_deref(), Some("f(\"age\", ')')"));
        assert_eq!((keep.casts[1].to.as_deref(), keep.casts[1].back.as_str()), (None, "1"));
        let restore = restore("restore t key rowid same a, b drops x needs x").unwrap();
        let columns = restore.columns.unwrap();
        assert_eq!(columns.key, RowKey::Rowid { from: None, same: vec![Name::same("a"), Name::same("b")] });
        assert_eq!((columns.drops, columns.needs), (vec!["x".to_owned()], vec!["x".to_owned()]));
        let keep = super::keep("keep t key a from (b || ')'), c drops b").unwrap();
        assert_eq!(keep.key.computed(), ["b || ')'"]);
        assert_eq!(rebuild("rebuild t drops a, b").unwrap().1, ["a", "b"]);
    }

    #[test]
    fn what_is_not_whole_is_no_directive() {
        for text in [
            "keep t",
            "keep t key",
            "keep t key a drops",
            "keep t key a casts b",
            "keep t key a casts b back (1",
        ] {
            assert_eq!(keep(text), None, "{text}");
        }
        assert_eq!(restore("restore t key a needs"), None);
        assert_eq!(restore("restore t drops a"), None);
        assert_eq!(rebuild("rebuild t drops a,"), None);
    }
}
