//! One field of a table or a view: its `#[column(..)]`.

use proc_macro2::Span;
use syn::spanned::Spanned as _;

use super::args::{Arg, ArgValue, attribute_args, unknown_key};
use super::attributes::has_word;
use super::constraint::{Target, action_of, here, target_of};
use super::decl::{ColumnDecl, GeneratedDecl, RustPath, RustType, Spanned, StoredAs};
use super::default_value::read_default;
use super::fault::{Fault, Faults};
use super::names::plain;
use super::rust_type::without_option;
use super::sql_text::{expression, type_name};
use crate::model::Action;
use crate::naming::snake_case;
use crate::sql::{SqlExpr, Token, TokenKind, tokenize};

const KNOWN: [&str; 22] = [
    "primary_key",
    "autoincrement",
    "name",
    "type",
    "default",
    "default_fn",
    "unique",
    "index",
    "references",
    "on_delete",
    "on_update",
    "deferred",
    "constraint",
    "check",
    "collate",
    "generated",
    "stored",
    "backfill",
    "renamed_from",
    "stored_as",
    "no_check",
    "allows_null",
];

/// What other tools call our keys, and what to say to those who write them.
const MEANT: [(&str, &str); 12] = [
    ("pk", "write `primary_key`"),
    ("primary", "write `primary_key`"),
    ("id", "write `primary_key`"),
    ("auto_increment", "write `autoincrement`"),
    ("nullable", "make the field an `Option`"),
    ("not_null", "a field that is no `Option` is NOT NULL"),
    ("null", "make the field an `Option`"),
    ("column_name", "write `name = \"…\"`"),
    ("rename", "write `name = \"…\"`, and `renamed_from = \"…\"` when the column had another name before"),
    ("sql_type", "write `type = \"…\"`"),
    ("foreign_key", "write `references = User::id`"),
    ("fk", "write `references = User::id`"),
];

/// What a field says about its table besides the column itself.
#[derive(Default)]
pub(super) struct FieldExtras {
    pub(super) primary_key: Option<Span>,
    pub(super) autoincrement: Option<Span>,
    pub(super) unique: Option<(Span, Option<Spanned<String>>)>,
    pub(super) index: Option<(Span, Option<Spanned<String>>)>,
    pub(super) reference: Option<(Span, Target)>,
    pub(super) on_delete: Option<(Span, Action)>,
    pub(super) on_update: Option<(Span, Action)>,
    pub(super) deferred: Option<Span>,
    pub(super) constraint: Option<Spanned<String>>,
    pub(super) check: Option<Spanned<SqlExpr>>,
}

/// Reads a named field. Faults in one key leave that key out and keep the rest.
pub(super) fn read_field(field: &syn::Field, faults: &mut Faults) -> Option<(ColumnDecl, FieldExtras)> {
    let ident = field.ident.as_ref()?;
    refuse_conditions(field, faults);
    let rust_name = plain(ident);
    let (inner, nullable) = without_option(&field.ty);
    let mut column = ColumnDecl {
        name: Spanned { value: snake_case(&rust_name), span: ident.span() },
        field: Spanned { value: rust_name, span: ident.span() },
        rust_type: RustType(inner.clone()),
        nullable,
        allows_null: None,
        sql_type: None,
        stored_as: None,
        default: None,
        default_fn: None,
        collation: None,
        generated: None,
        backfill: None,
        no_check: None,
        renamed_from: None,
    };
    let mut reader =
        FieldReader { column: &mut column, extras: FieldExtras::default(), stored: None, faults };
    let mut seen: Vec<String> = Vec::new();
    for arg in attribute_args(&field.attrs, "column", reader.faults) {
        if seen.contains(&arg.key) {
            reader.faults.push(Fault::new(arg.span, format!("`{}` is given twice", arg.key)));
            continue;
        }
        reader.read(&arg);
        seen.push(arg.key);
    }
    let extras = reader.finish();
    Some((column, extras))
}

/// A column that is there only sometimes cannot be in a schema. Derive macros never see such an attribute: the
/// compiler has decided by then.
fn refuse_conditions(field: &syn::Field, faults: &mut Faults) {
    for attribute in &field.attrs {
        let is_condition = attribute.path().is_ident("cfg");
        let hides_column = attribute.path().is_ident("cfg_attr")
            && matches!(&attribute.meta, syn::Meta::List(list) if has_word(&list.tokens, "column"));
        if is_condition || hides_column {
            let name = field.ident.as_ref().map(plain).unwrap_or_default();
            faults.push(
                Fault::new(
                    attribute.span(),
                    format!("whether the column `{name}` exists depends on a `cfg`"),
                )
                .with_hint(
                    "a database has one schema: declare the column always, or put it in a table of its own",
                ),
            );
        }
    }
}

struct FieldReader<'a> {
    column: &'a mut ColumnDecl,
    extras: FieldExtras,
    stored: Option<Span>,
    faults: &'a mut Faults,
}

impl FieldReader<'_> {
    fn read(&mut self, arg: &Arg) {
        match arg.key.as_str() {
            "primary_key" => self.extras.primary_key = self.flag(arg),
            "autoincrement" => self.extras.autoincrement = self.flag(arg),
            "deferred" => self.extras.deferred = self.flag(arg),
            "stored" => self.stored = self.flag(arg),
            "no_check" => self.column.no_check = self.flag(arg).map(here),
            "allows_null" => self.column.allows_null = self.flag(arg).map(here),
            "name" => {
                if let Some(name) = arg.text(self.faults) {
                    self.column.name = name;
                }
            }
            "constraint" => self.extras.constraint = arg.text(self.faults),
            "renamed_from" => self.column.renamed_from = arg.text(self.faults),
            "unique" => self.extras.unique = self.optional_name(arg),
            "index" => self.extras.index = self.optional_name(arg),
            "type" => {
                self.column.sql_type = arg.text(self.faults).filter(|text| type_name(text, self.faults));
            }
            "collate" => self.column.collation = self.collation(arg),
            "check" => self.extras.check = self.expression(arg),
            "backfill" => self.column.backfill = self.expression(arg),
            "generated" => {
                self.column.generated = self.expression(arg).map(|Spanned { value: expr, span }| Spanned {
                    value: GeneratedDecl { expr, stored: false },
                    span,
                });
            }
            "references" => {
                self.extras.reference = target_of(arg, self.faults).map(|target| (arg.span, target));
            }
            "on_delete" => {
                self.extras.on_delete = action_of(arg, self.faults).map(|action| (arg.span, action))
            }
            "on_update" => {
                self.extras.on_update = action_of(arg, self.faults).map(|action| (arg.span, action))
            }
            "stored_as" => self.column.stored_as = self.stored_as(arg),
            "default" => self.column.default = read_default(arg, &self.column.field.value, self.faults),
            "default_fn" => {
                self.column.default_fn = arg
                    .parsed(syn::Path::parse_mod_style, "the path of a function", self.faults)
                    .map(|path| Spanned { value: RustPath(path.value), span: path.span });
            }
            _ => self.faults.push(unknown_key(arg, "`#[column(..)]`", &KNOWN, &MEANT)),
        }
    }

    fn flag(&mut self, arg: &Arg) -> Option<Span> {
        arg.flag(self.faults).then_some(arg.span)
    }

    fn optional_name(&mut self, arg: &Arg) -> Option<(Span, Option<Spanned<String>>)> {
        match &arg.value {
            ArgValue::Flag => Some((arg.span, None)),
            ArgValue::Equals(_) => arg.text(self.faults).map(|name| (arg.span, Some(name))),
            ArgValue::List(_) => {
                let key = &arg.key;
                self.faults.push(
                    Fault::new(arg.span, format!("`{key}` of a column takes no parts"))
                        .with_hint(format!("write `{key}`, `{key} = \"name\"`, or `#[table({key}(..))]`")),
                );
                None
            }
        }
    }

    fn expression(&mut self, arg: &Arg) -> Option<Spanned<SqlExpr>> {
        let text = arg.text(self.faults)?;
        let value = expression(&text, &arg.key, self.faults)?;
        Some(Spanned { value, span: text.span })
    }

    fn collation(&mut self, arg: &Arg) -> Option<Spanned<String>> {
        let text = arg.text(self.faults)?;
        let is_word = |tokens: &[Token<'_>]| matches!(tokens, [only] if only.kind == TokenKind::Word);
        if is_word(&tokenize(&text.value)) {
            return Some(Spanned { value: text.value.to_ascii_uppercase(), span: text.span });
        }
        self.faults.push(
            Fault::new(text.span, format!("`{}` is no collation", text.value))
                .with_hint("SQLite has `BINARY`, `NOCASE` and `RTRIM`"),
        );
        None
    }

    fn stored_as(&mut self, arg: &Arg) -> Option<Spanned<StoredAs>> {
        let text = arg.text(self.faults)?;
        let value = match text.value.as_str() {
            "text" => StoredAs::Text,
            "unix_seconds" => StoredAs::UnixSeconds,
            "unix_milliseconds" => StoredAs::UnixMilliseconds,
            "blob" => StoredAs::Blob,
            other => {
                self.faults.push(Fault::new(text.span, format!("unknown stored form `{other}`")).with_hint(
                    "a `Timestamp` is stored as `text`, `unix_seconds` or `unix_milliseconds`, a `Uuid` as `text` or `blob`",
                ));
                return None;
            }
        };
        Some(Spanned { value, span: text.span })
    }

    /// Checks the keys against each other.
    fn finish(self) -> FieldExtras {
        let Self { column, extras, stored, faults } = self;
        let field = &column.field.value;
        let lonely = [
            (extras.on_delete.map(|(span, _)| span), "on_delete", "references = User::id"),
            (extras.on_update.map(|(span, _)| span), "on_update", "references = User::id"),
            (extras.deferred, "deferred", "references = User::id"),
            (extras.constraint.as_ref().map(|name| name.span), "constraint", "references = User::id"),
        ];
        for (span, key, missing) in lonely {
            if let Some(span) = span.filter(|_| extras.reference.is_none()) {
                faults.push(
                    Fault::new(
                        span,
                        format!("`{key}` of `{field}` belongs to a foreign key, and there is none"),
                    )
                    .with_hint(format!("add `{missing}`")),
                );
            }
        }
        if let (Some(span), None) = (extras.autoincrement, extras.primary_key) {
            faults.push(
                Fault::new(span, format!("`autoincrement` of `{field}` belongs to a primary key"))
                    .with_hint("add `primary_key`"),
            );
        }
        match (&mut column.generated, stored) {
            (Some(generated), Some(_)) => generated.value.stored = true,
            (None, Some(span)) => faults.push(
                Fault::new(span, format!("`stored` of `{field}` belongs to a generated column"))
                    .with_hint("add `generated = \"expression\"`"),
            ),
            _ => {}
        }
        refuse_with_generated(column, &extras, faults);
        extras
    }
}

/// A generated column has no value of its own, so nothing else may give it one.
fn refuse_with_generated(column: &ColumnDecl, extras: &FieldExtras, faults: &mut Faults) {
    if column.generated.is_none() {
        return;
    }
    let contradictions = [
        (column.default.as_ref().map(|default| default.span), "default"),
        (column.default_fn.as_ref().map(|default| default.span), "default_fn"),
        (column.backfill.as_ref().map(|backfill| backfill.span), "backfill"),
        (extras.primary_key, "primary_key"),
    ];
    for (span, key) in contradictions {
        if let Some(span) = span {
            faults.push(
                Fault::new(span, format!("`{}` is generated, so it cannot have `{key}`", column.field.value))
                    .with_hint(format!("remove `{key}` or `generated`")),
            );
        }
    }
}
