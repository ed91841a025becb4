//! The parts of a table that name several columns: keys, unique constraints, indexes, foreign keys, checks.
//!
//! `columns(..)` holds the Rust names of fields; what comes out has SQL names.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt;

use super::args::{Arg, ArgValue, identifiers, listed, pieces, read_args, text_literal, unknown_key};
use super::decl::{
    CheckDecl, ColumnDecl, ForeignKeyDecl, IndexDecl, PrimaryKeyDecl, RustPath, Spanned, SqlTarget,
    UniqueDecl,
};
use super::fault::{Fault, Faults};
use super::names::{nearest, plain};
use super::sql_text::expression;
use crate::model::{Action, IndexColumn, KeyColumn};
use crate::sql::read_target;

const COLUMNS_HINT: &str = "write `columns(user_id, kind desc, title collate nocase)`";

/// The table as far as it is known when its constraints are read.
pub(super) struct TableContext<'a> {
    pub(super) name: &'a str,
    pub(super) ident: &'a str,
    pub(super) columns: &'a [ColumnDecl],
}

/// A foreign key's target: `User::id`, or `User(first, second)`.
pub(super) struct Target {
    pub(super) table: Option<Spanned<RustPath>>,
    pub(super) fields: Vec<Spanned<String>>,
    pub(super) sql: Option<SqlTarget>,
}

impl TableContext<'_> {
    /// Returns the SQL name of a field.
    fn sql_name(&self, field: &Ident, faults: &mut Faults) -> Option<String> {
        let wanted = plain(field);
        if let Some(column) = self.columns.iter().find(|column| column.field.value == wanted) {
            return Some(column.name.value.clone());
        }
        let fault = Fault::new(field.span(), format!("`{}` has no field `{wanted}`", self.ident));
        let by_sql_name = self.columns.iter().find(|column| column.name.value == wanted);
        faults.push(if let Some(column) = by_sql_name {
            fault.with_hint(format!("write the Rust name, `{}`", column.field.value))
        } else if let Some(name) = nearest(&wanted, self.columns.iter().map(|c| c.field.value.as_str())) {
            fault.with_hint(format!("did you mean `{name}`?"))
        } else {
            let fields: Vec<&str> = self.columns.iter().map(|c| c.field.value.as_str()).collect();
            fault.with_hint(format!("its fields are {}", listed(&fields)))
        });
        None
    }

    /// Reads `columns(user_id, kind desc, title collate nocase)`; `None` after a fault.
    fn key_columns(&self, arg: &Arg, faults: &mut Faults) -> Option<Vec<KeyColumn>> {
        let known_faults = faults.len();
        let mut columns: Vec<KeyColumn> = Vec::new();
        for piece in pieces(arg.list(faults)?) {
            let Some(TokenTree::Ident(field)) = piece.first() else {
                let span = piece.first().map_or(arg.span, TokenTree::span);
                faults.push(
                    Fault::new(span, "`columns(..)` holds the names of fields").with_hint(COLUMNS_HINT),
                );
                continue;
            };
            let order = read_order(&piece[1..], faults);
            let (Some(name), Some((descending, collation))) = (self.sql_name(field, faults), order) else {
                continue;
            };
            if columns.iter().any(|column| column.name == name) {
                faults.push(Fault::new(field.span(), format!("`{}` is listed twice", plain(field))));
                continue;
            }
            columns.push(KeyColumn { name, descending, collation });
        }
        if columns.is_empty() && faults.len() == known_faults {
            faults.push(Fault::new(arg.span, "`columns(..)` is empty").with_hint(COLUMNS_HINT));
        }
        (faults.len() == known_faults).then_some(columns)
    }

    /// Reads `primary_key(columns(a, b), name = "..", autoincrement)`.
    pub(super) fn primary_key(&self, arg: &Arg, faults: &mut Faults) -> Option<PrimaryKeyDecl> {
        let mut autoincrement = None;
        let (name, columns) = self.name_and_columns(arg, Some(&mut autoincrement), faults)?;
        Some(PrimaryKeyDecl { span: here(arg.span), name, columns, autoincrement })
    }

    /// Reads `unique_constraint(columns(a, b), name = "..")`.
    pub(super) fn unique_constraint(&self, arg: &Arg, faults: &mut Faults) -> Option<UniqueDecl> {
        let (name, columns) = self.name_and_columns(arg, None, faults)?;
        Some(UniqueDecl { span: here(arg.span), name, columns })
    }

    fn name_and_columns(
        &self,
        arg: &Arg,
        mut autoincrement: Option<&mut Option<Spanned<()>>>,
        faults: &mut Faults,
    ) -> Option<(Option<Spanned<String>>, Vec<KeyColumn>)> {
        let (mut name, mut columns) = (None, None);
        for part in read_args(arg.list(faults)?, arg.span, faults) {
            match part.key.as_str() {
                "name" => name = part.text(faults),
                "columns" => columns = Some(self.key_columns(&part, faults)),
                "autoincrement" if autoincrement.is_some() => {
                    let given = part.flag(faults).then_some(here(part.span));
                    autoincrement.iter_mut().for_each(|place| **place = given.clone());
                }
                _ => {
                    faults.push(unknown_key(&part, &format!("`{}(..)`", arg.key), &["name", "columns"], &[]))
                }
            }
        }
        Some((name, self.need_columns(arg, columns, faults)?))
    }

    /// Returns the columns, which are `None` when none were named and `Some(None)` after a fault.
    fn need_columns<T>(
        &self,
        arg: &Arg,
        columns: Option<Option<Vec<T>>>,
        faults: &mut Faults,
    ) -> Option<Vec<T>> {
        if columns.is_none() {
            let fault = Fault::new(arg.span, format!("`{}` of `{}` names no columns", arg.key, self.ident));
            faults.push(fault.with_hint(format!("write `{}(columns(..))`", arg.key)));
        }
        columns?
    }

    /// Reads `index(name = "..", columns(..), expressions(".."), unique, where = "..")`, and `unique(..)`, which is the
    /// same with `unique` said already.
    pub(super) fn index(&self, arg: &Arg, is_unique: bool, faults: &mut Faults) -> Option<IndexDecl> {
        let known: &[&str] = if is_unique {
            &["name", "columns", "expressions", "where"]
        } else {
            &["name", "columns", "expressions", "where", "unique"]
        };
        let (mut name, mut columns, mut predicate, mut unique) = (None, None, None, is_unique);
        for part in read_args(arg.list(faults)?, arg.span, faults) {
            match part.key.as_str() {
                "name" => name = part.text(faults),
                "columns" => {
                    let keys = self.key_columns(&part, faults);
                    add(&mut columns, keys.map(|keys| keys.into_iter().map(index_column).collect()));
                }
                "expressions" => add(&mut columns, self.expressions(&part, faults)),
                "where" => {
                    if let Some(text) = part.text(faults) {
                        predicate = expression(&text, "where", faults)
                            .map(|value| Spanned { value, span: text.span });
                    }
                }
                "unique" if !is_unique => unique = part.flag(faults),
                _ => faults.push(unknown_key(
                    &part,
                    &format!("`{}(..)`", arg.key),
                    known,
                    &[("on", "write `columns(..)`"), ("fields", "write `columns(..)`")],
                )),
            }
        }
        let columns = self.need_columns(arg, columns, faults)?;
        let name = match name {
            Some(name) => name,
            None => self.index_name(&columns, unique, arg.span, faults)?,
        };
        Some(IndexDecl { name, columns, unique, predicate })
    }

    /// Makes the name `<table>_<column>…_idx`, or `…_unique`.
    pub(super) fn index_name(
        &self,
        columns: &[IndexColumn],
        unique: bool,
        span: Span,
        faults: &mut Faults,
    ) -> Option<Spanned<String>> {
        let mut name = self.name.to_owned();
        for column in columns {
            match &column.term {
                crate::model::IndexTerm::Column(column) => {
                    name.push('_');
                    name.push_str(column);
                }
                crate::model::IndexTerm::Expr(expr) => {
                    faults.push(
                        Fault::new(span, format!("an index over the expression `{expr}` needs a name"))
                            .with_hint(format!("write `name = \"{}_…_idx\"`", self.name)),
                    );
                    return None;
                }
            }
        }
        name.push_str(if unique { "_unique" } else { "_idx" });
        Some(Spanned { value: name, span })
    }

    /// Reads `expressions("lower(email)", "a desc")`; a bare name among them is a column's SQL name.
    fn expressions(&self, arg: &Arg, faults: &mut Faults) -> Option<Vec<IndexColumn>> {
        let known_faults = faults.len();
        let mut columns = Vec::new();
        for piece in pieces(arg.list(faults)?) {
            let span = piece.first().map_or(arg.span, TokenTree::span);
            let Some(text) = text_literal(piece.into_iter().collect()) else {
                let fault = Fault::new(span, "`expressions(..)` holds SQL in quotes");
                faults.push(fault.with_hint("write `expressions(\"lower(email)\")`"));
                continue;
            };
            if expression(&text, "expressions", faults).is_none() {
                continue;
            }
            match IndexColumn::try_from(text.value) {
                Ok(column) => columns.push(column),
                Err(message) => faults.push(Fault::new(span, message)),
            }
        }
        if columns.is_empty() && faults.len() == known_faults {
            faults.push(Fault::new(arg.span, "`expressions(..)` is empty"));
        }
        (faults.len() == known_faults).then_some(columns)
    }

    /// Reads `foreign_key(columns(a, b), references = Other(x, y), on_delete = "..", ..)`.
    pub(super) fn foreign_key(&self, arg: &Arg, faults: &mut Faults) -> Option<ForeignKeyDecl> {
        const KNOWN: [&str; 6] = ["name", "columns", "references", "on_delete", "on_update", "deferred"];
        let (mut name, mut columns, mut target) = (None, None, None);
        let (mut on_delete, mut on_update) = (None, None);
        let mut deferred = false;
        for part in read_args(arg.list(faults)?, arg.span, faults) {
            match part.key.as_str() {
                "name" => name = part.text(faults),
                "columns" => columns = Some(self.fields(&part, faults)),
                "references" => target = Some(target_of(&part, faults)),
                "on_delete" => on_delete = action_of(&part, faults),
                "on_update" => on_update = action_of(&part, faults),
                "deferred" => deferred = part.flag(faults),
                _ => faults.push(unknown_key(&part, "`foreign_key(..)`", &KNOWN, &[])),
            }
        }
        if target.is_none() {
            faults.push(
                Fault::new(arg.span, format!("a foreign key of `{}` refers to nothing", self.ident))
                    .with_hint("write `references = Other(x, y)`"),
            );
        }
        let columns = self.need_columns(arg, columns, faults)?;
        let Target { table: target, fields: target_fields, sql: sql_target } = target??;
        let (on_delete, on_update) = (on_delete.unwrap_or_default(), on_update.unwrap_or_default());
        let span = here(arg.span);
        Some(ForeignKeyDecl {
            span,
            name,
            columns,
            target,
            target_fields,
            sql_target,
            on_delete,
            on_update,
            deferred,
        })
    }

    /// Reads `columns(a, b)` where no order makes sense.
    fn fields(&self, arg: &Arg, faults: &mut Faults) -> Option<Vec<String>> {
        let known_faults = faults.len();
        let fields = identifiers(arg.list(faults)?, faults);
        let columns = fields.iter().filter_map(|field| self.sql_name(field, faults)).collect();
        if fields.is_empty() && faults.len() == known_faults {
            faults.push(Fault::new(arg.span, "`columns(..)` is empty"));
        }
        (faults.len() == known_faults).then_some(columns)
    }

    /// Reads `check(name = "..", "expression")`, and `check(unnamed, "expression")` for a table of other origin.
    pub(super) fn check(&self, arg: &Arg, faults: &mut Faults) -> Option<CheckDecl> {
        let (mut name, mut expr) = (None, None);
        let mut unnamed = false;
        let mut rest = TokenStream::new();
        for piece in pieces(arg.list(faults)?) {
            match text_literal(piece.iter().cloned().collect()) {
                Some(_) if expr.is_some() => faults.push(
                    Fault::new(arg.span, "a check has one condition")
                        .with_hint("join the conditions with AND, or write two checks"),
                ),
                Some(text) => {
                    let value = expression(&text, "check", faults)?;
                    expr = Some(Spanned { value, span: text.span });
                }
                None => {
                    rest.extend(piece);
                    rest.extend([TokenTree::Punct(proc_macro2::Punct::new(
                        ',',
                        proc_macro2::Spacing::Alone,
                    ))]);
                }
            }
        }
        for part in read_args(rest, arg.span, faults) {
            match part.key.as_str() {
                "name" => name = part.text(faults),
                "unnamed" => unnamed = part.flag(faults),
                _ => faults.push(unknown_key(&part, "`check(..)`", &["name", "unnamed"], &[])),
            }
        }
        let hint = format!("write `check(name = \"{}_…\", \"condition\")`", self.name);
        match (name, expr) {
            (Some(name), Some(expr)) => return Some(CheckDecl { name: Some(name), expr }),
            (None, Some(expr)) if unnamed => return Some(CheckDecl { name: None, expr }),
            (None, _) if !unnamed => {
                faults.push(Fault::new(arg.span, "a check needs a name").with_hint(hint))
            }
            _ => faults.push(Fault::new(arg.span, "a check needs a condition").with_hint(hint)),
        }
        None
    }
}

/// Adds parts of a list to those before; a part that is `None` after a fault spoils the whole.
fn add<T>(list: &mut Option<Option<Vec<T>>>, part: Option<Vec<T>>) {
    match (list.get_or_insert_with(|| Some(Vec::new())), part) {
        (Some(list), Some(part)) => list.extend(part),
        (list, _) => *list = None,
    }
}

/// Makes a place without a value.
pub(super) fn here(span: Span) -> Spanned<()> {
    Spanned { value: (), span }
}

fn index_column(key: KeyColumn) -> IndexColumn {
    let KeyColumn { name, descending, collation } = key;
    IndexColumn { descending, collation, ..IndexColumn::new(name) }
}

/// Reads `desc`, `asc` and `collate name` behind a column, in any order.
fn read_order(mut tokens: &[TokenTree], faults: &mut Faults) -> Option<(bool, Option<String>)> {
    let (mut descending, mut collation) = (false, None);
    let word = |token: &TokenTree| match token {
        TokenTree::Ident(ident) => ident.unraw().to_string().to_ascii_lowercase(),
        _ => String::new(),
    };
    loop {
        match tokens {
            [] => return Some((descending, collation)),
            [order, rest @ ..] if matches!(word(order).as_str(), "asc" | "desc") => {
                descending = word(order) == "desc";
                tokens = rest;
            }
            [keyword, name @ TokenTree::Ident(_), rest @ ..] if word(keyword) == "collate" => {
                collation = Some(word(name).to_ascii_uppercase());
                tokens = rest;
            }
            [other, ..] => {
                faults.push(
                    Fault::new(other.span(), format!("unexpected `{other}` behind a column")).with_hint(
                        "write `desc`, `asc` or `collate name`, and a comma before the next column",
                    ),
                );
                return None;
            }
        }
    }
}

/// Reads `references = User::id` or `references = User(first, second)`.
pub(super) fn target_of(arg: &Arg, faults: &mut Faults) -> Option<Target> {
    const HINT: &str =
        "write `references = User::id`, or `references = User(first, second)` for several columns";
    let wrong = |span| Fault::new(span, "`references` takes a struct and its field").with_hint(HINT);
    let ArgValue::Equals(tokens) = &arg.value else {
        faults.push(wrong(arg.span));
        return None;
    };
    if let Some(target) = sql_target_of(tokens, faults) {
        return target;
    }
    let mut tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let span = tokens.first().map_or(arg.span, TokenTree::span);
    let fields = match tokens.last() {
        Some(TokenTree::Group(group)) => {
            let fields = identifiers(group.stream(), faults);
            tokens.pop();
            Some(fields)
        }
        _ => None,
    };
    let Ok(mut path) = syn::parse2::<syn::Path>(tokens.into_iter().collect()) else {
        faults.push(wrong(span));
        return None;
    };
    let fields = match fields {
        Some(fields) => fields,
        None => {
            let last = path.segments.pop();
            path.segments.pop_punct();
            vec![last?.ident]
        }
    };
    let has_generics = path.segments.iter().any(|segment| !segment.arguments.is_none());
    if path.segments.is_empty() || fields.is_empty() || has_generics {
        faults.push(wrong(span));
        return None;
    }
    let fields = fields.iter().map(|field| Spanned { value: plain(field), span: field.span() }).collect();
    let table = (!path.is_ident("Self")).then_some(Spanned { value: RustPath(path), span });
    Some(Target { table, fields, sql: None })
}

/// Reads `sql("table(a, b)")`; `None` when it is something else, `Some(None)` after a fault.
fn sql_target_of(tokens: &TokenStream, faults: &mut Faults) -> Option<Option<Target>> {
    let all: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let [TokenTree::Ident(word), TokenTree::Group(group)] = all.as_slice() else { return None };
    let text = text_literal(group.stream()).filter(|_| word == "sql")?;
    let Some((table, columns)) = read_target(&text.value) else {
        let fault = Fault::new(text.span, format!("`{}` names no table", text.value));
        faults.push(fault.with_hint("write `references = sql(\"table(column)\")`"));
        return Some(None);
    };
    Some(Some(Target { table: None, fields: Vec::new(), sql: Some(SqlTarget { table, columns }) }))
}

/// Reads `on_delete = "cascade"`.
pub(super) fn action_of(arg: &Arg, faults: &mut Faults) -> Option<Action> {
    const ACTIONS: [(&str, Action); 5] = [
        ("cascade", Action::Cascade),
        ("set null", Action::SetNull),
        ("set default", Action::SetDefault),
        ("restrict", Action::Restrict),
        ("no action", Action::NoAction),
    ];
    let text = arg.text(faults)?;
    let wanted = text.value.to_ascii_lowercase().replace('_', " ");
    let found = ACTIONS.iter().find(|(name, _)| *name == wanted);
    if found.is_none() {
        let names: Vec<String> = ACTIONS.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        faults.push(
            Fault::new(text.span, format!("unknown action `{}`", text.value))
                .with_hint(format!("the actions are {}", names.join(", "))),
        );
    }
    found.map(|(_, action)| *action)
}
