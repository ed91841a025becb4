//! What statements do to tables that were there before the file, whoever wrote them.

use seedbed_schema::model::{ForeignKey, Index, IndexTerm, Table};
use seedbed_schema::plan::{Hazard, HazardCode};
use seedbed_schema::sql::{DdlObject, Token, read_object, tokenize};

use crate::migrate::script::{Action, ObjectKind, Script, ScriptStatement, is_same};

/// What SQLite ignores or refuses inside a transaction, <https://www.sqlite.org/pragma.html>; the runner itself sees to
/// `foreign_keys`.
const IDLE_PRAGMAS: [&str; 5] = ["journal_mode", "synchronous", "page_size", "encoding", "auto_vacuum"];

/// Finds the hazards, each with its line.
pub(super) fn hazards(script: &Script) -> Vec<(usize, Hazard)> {
    let mut reader = Reader { script, fresh: Vec::new(), added: Vec::new() };
    let mut found = Vec::new();
    for (index, statement) in script.statements.iter().enumerate() {
        found.extend(reader.read(index, statement).map(|hazard| (statement.line, hazard)));
    }
    found.extend(unindexed_keys(script));
    found
}

/// What the statements so far have made.
struct Reader<'s> {
    script: &'s Script,
    /// Tables. One that is rebuilt is a new one until it has its name.
    fresh: Vec<&'s str>,
    /// Columns, each with its table.
    added: Vec<(&'s str, String)>,
}

impl<'s> Reader<'s> {
    fn read(&mut self, index: usize, statement: &'s ScriptStatement) -> Option<Hazard> {
        let tokens = words_of(statement);
        match &statement.action {
            Action::Create(ObjectKind::Table, name) => {
                self.fresh.push(name);
                None
            }
            Action::Drop(ObjectKind::Table, table) if !self.is_fresh(table) => {
                Some(match self.script.rebuild_at(index) {
                    Some(_) => Hazard::new(HazardCode::Rebuild, table, None, "every row is copied"),
                    None => {
                        let text = "the table and all its rows are dropped";
                        Hazard::new(HazardCode::DropTable, table, None, text)
                    }
                })
            }
            Action::AlterTable(table) if !self.is_fresh(table) => match added_column(&tokens) {
                Some(column) => {
                    let text = "no default fills it, so any row makes this fail";
                    let hazard = Hazard::new(HazardCode::MayFailNotNull, table, Some(&column), text);
                    self.added.push((table, column));
                    needs_value(&tokens).then_some(hazard)
                }
                None => statement.dropped_column().map(|column| {
                    let text = "the column and its values are dropped";
                    Hazard::new(HazardCode::DropColumn, table, Some(&column), text)
                }),
            },
            Action::Delete(table) if !self.is_fresh(table) && !has_where(&tokens) => {
                let text = "a DELETE without WHERE takes every row";
                Some(Hazard::new(HazardCode::DeleteRows, table, None, text))
            }
            Action::Update(table) if self.overwrites(table, &tokens) => {
                let text = "an UPDATE without WHERE overwrites every row";
                Some(Hazard::new(HazardCode::UpdateRows, table, None, text))
            }
            Action::Create(ObjectKind::Index, _) => match read_object(&statement.text) {
                Ok(DdlObject::Index { table, index }) if index.unique && !self.is_fresh(&table) => {
                    let text = "rows that repeat the values make this fail";
                    Some(Hazard::new(HazardCode::MayFailUnique, &table, None, text))
                }
                _ => None,
            },
            Action::Other if !self.script.no_transaction => idle_pragma(&tokens),
            _ => None,
        }
    }

    fn is_fresh(&self, table: &str) -> bool {
        self.fresh.iter().any(|made| is_same(made, table))
    }

    /// Whether an UPDATE overwrites values of every row; what fills columns that the file adds overwrites nothing.
    fn overwrites(&self, table: &str, tokens: &[Token<'_>]) -> bool {
        let is_added =
            |column: &String| self.added.iter().any(|(of, name)| is_same(of, table) && is_same(name, column));
        let set = set_columns(tokens);
        let fills = !set.is_empty() && set.iter().all(is_added);
        !self.is_fresh(table) && !self.script.triggers_off && !has_where(tokens) && !fills
    }
}

fn words_of(statement: &ScriptStatement) -> Vec<Token<'_>> {
    tokenize(&statement.text).into_iter().filter(|token| !token.is_trivia()).collect()
}

/// Returns the tokens that stand in no parentheses, the parentheses left out.
fn outside<'t>(tokens: &'t [Token<'t>]) -> impl Iterator<Item = &'t Token<'t>> {
    let mut depth = 0_usize;
    tokens.iter().filter(move |token| {
        if token.is_symbol("(") {
            depth += 1;
        } else if token.is_symbol(")") {
            depth = depth.saturating_sub(1);
            return false;
        }
        depth == 0
    })
}

/// Whether the statement itself, and not one inside it, has a condition.
fn has_where(tokens: &[Token<'_>]) -> bool {
    outside(tokens).any(|token| token.is_word("WHERE"))
}

/// Returns the columns that an UPDATE sets.
fn set_columns(tokens: &[Token<'_>]) -> Vec<String> {
    let tokens: Vec<&Token<'_>> = outside(tokens).skip_while(|token| !token.is_word("SET")).collect();
    let is_target = |pair: &&[&Token<'_>]| pair[0].is_word("SET") || pair[0].is_symbol(",");
    tokens.windows(2).filter(is_target).filter_map(|pair| pair[1].identifier()).collect()
}

/// Returns the column that an ALTER TABLE … ADD COLUMN adds.
pub(super) fn added_column_of(statement: &ScriptStatement) -> Option<String> {
    matches!(statement.action, Action::AlterTable(_)).then(|| added_column(&words_of(statement)))?
}

/// Reads `ALTER TABLE t ADD [COLUMN] c …`.
fn added_column(tokens: &[Token<'_>]) -> Option<String> {
    let at = tokens.iter().position(|token| token.is_word("ADD"))?;
    match &tokens[at + 1..] {
        [first, ..] if first.is_word("CONSTRAINT") || first.is_word("CHECK") => None,
        [column, name, ..] if column.is_word("COLUMN") => name.identifier(),
        [name, ..] => name.identifier(),
        [] => None,
    }
}

/// Whether a column is NOT NULL and nothing gives it a value.
fn needs_value(tokens: &[Token<'_>]) -> bool {
    let tokens: Vec<&Token<'_>> = outside(tokens).collect();
    let has = |word: &str| tokens.iter().any(|token| token.is_word(word));
    let is_not_null = tokens.windows(2).any(|pair| pair[0].is_word("NOT") && pair[1].is_word("NULL"));
    is_not_null && !has("DEFAULT") && !has("AS")
}

fn idle_pragma(tokens: &[Token<'_>]) -> Option<Hazard> {
    let [first, rest @ ..] = tokens else { return None };
    let rest = match rest {
        [_, dot, rest @ ..] if dot.is_symbol(".") => rest,
        rest => rest,
    };
    let [name, sets, ..] = rest else { return None };
    let is_idle = first.is_word("PRAGMA")
        && (sets.is_symbol("=") || sets.is_symbol("("))
        && IDLE_PRAGMAS.iter().any(|pragma| is_same(pragma, name.text));
    is_idle.then(|| {
        let text = format!("`PRAGMA {}` does nothing inside a transaction, or is refused", name.text);
        Hazard::new(HazardCode::IdlePragma, "", None, text)
    })
}

/// Finds foreign keys of new tables and columns that no index of the file begins with.
fn unindexed_keys(script: &Script) -> Vec<(usize, Hazard)> {
    let mut tables: Vec<(usize, Table)> = Vec::new();
    let mut columns: Vec<(usize, &str, String)> = Vec::new();
    let mut indexes: Vec<(String, Index)> = Vec::new();
    for statement in &script.statements {
        match &statement.action {
            Action::Create(ObjectKind::Table, name)
                if !script.rebuilds.iter().any(|rebuild| is_same(&rebuild.new_table, name)) =>
            {
                if let Ok(DdlObject::Table(table)) = read_object(&statement.text) {
                    tables.push((statement.line, table));
                }
            }
            Action::Create(ObjectKind::Index, _) => {
                if let Ok(DdlObject::Index { table, index }) = read_object(&statement.text) {
                    indexes.push((table, index));
                }
            }
            Action::AlterTable(table) => {
                let tokens = words_of(statement);
                let refers = outside(&tokens).any(|token| token.is_word("REFERENCES"));
                let column = added_column(&tokens).filter(|_| refers);
                columns.extend(column.map(|column| (statement.line, table.as_str(), column)));
            }
            _ => {}
        }
    }
    let of = |table: &str| -> Vec<&Index> {
        indexes.iter().filter(|(name, _)| is_same(name, table)).map(|(_, index)| index).collect()
    };
    let mut found = Vec::new();
    for (line, table, column) in columns {
        let begins = |index: &&Index| {
            let first = index.columns.first();
            first.is_some_and(|part| matches!(&part.term, IndexTerm::Column(name) if is_same(name, &column)))
        };
        if !of(table).iter().any(begins) {
            found.push((line, unindexed_key(table, std::slice::from_ref(&column))));
        }
    }
    for (line, table) in &tables {
        let of_table = of(&table.name);
        for key in table.foreign_keys.iter().filter(|key| !is_indexed(table, &of_table, key)) {
            found.push((*line, unindexed_key(&table.name, &key.columns)));
        }
    }
    found
}

fn unindexed_key(table: &str, columns: &[String]) -> Hazard {
    let text = format!("the file makes no index that begins with the foreign key ({})", columns.join(", "));
    let column = if let [column] = columns { Some(column.as_str()) } else { None };
    Hazard::new(HazardCode::UnindexedKey, table, column, text)
}

fn is_indexed(table: &Table, indexes: &[&Index], key: &ForeignKey) -> bool {
    let begins = |columns: Vec<&str>| {
        columns.len() >= key.columns.len()
            && columns[..key.columns.len()]
                .iter()
                .all(|column| key.columns.iter().any(|other| is_same(other, column)))
    };
    let of_index = |index: &&Index| -> Vec<String> {
        let names = index.columns.iter().map(|part| match &part.term {
            IndexTerm::Column(name) => name.clone(),
            IndexTerm::Expr(_) => String::new(),
        });
        names.collect()
    };
    let own = table.primary_key.iter().map(|key| &key.columns);
    let uniques = table.uniques.iter().map(|unique| &unique.columns);
    own.chain(uniques).any(|parts| begins(parts.iter().map(|part| part.name.as_str()).collect()))
        || indexes.iter().any(|index| begins(of_index(index).iter().map(String::as_str).collect()))
}
