//! Defaults: literals, consts and variants become values of the column's type; `now` becomes SQL.

use super::types::Kind;
use crate::model::{DefaultValue, StoredForm};
use crate::read::args::listed;
use crate::read::decl::{ColumnDecl, DefaultDecl, Literal, RustPath, Spanned, TableDecl, TextEnumDecl};
use crate::read::default_value::literal_of;
use crate::read::fault::{Fault, Faults};
use crate::read::names::nearest;
use crate::read::rust_type::Builtin;
use crate::read::scope::{Item, Space, names_of};
use crate::read::tree::{ConstDecl, Declarations};
use crate::sql::{SqlExpr, literal};

/// Makes the DEFAULT clause of a column.
pub(super) fn resolve(
    declarations: &Declarations,
    table: &TableDecl,
    column: &ColumnDecl,
    kind: Option<&Kind<'_>>,
    form: &StoredForm,
    faults: &mut Faults,
) -> Option<DefaultValue> {
    let Spanned { value: default, span } = column.default.as_ref()?;
    let resolver = Resolver { declarations, table, column, kind, form };
    match resolver.value(default) {
        Ok(value) => Some(value),
        Err(Refusal::Told(fault)) => {
            faults.push(fault);
            None
        }
        Err(Refusal::WrongKind) => {
            let rust_type = column.rust_type.text();
            let message = format!("the default of `{}` is no `{rust_type}`", column.field.value);
            faults.push(Fault::new(*span, message).with_hint(resolver.example()));
            None
        }
    }
}

struct Resolver<'a> {
    declarations: &'a Declarations,
    table: &'a TableDecl,
    column: &'a ColumnDecl,
    kind: Option<&'a Kind<'a>>,
    form: &'a StoredForm,
}

/// How many consts may stand for each other.
const MAX_HOPS: usize = 16;

/// Why a default is none.
enum Refusal {
    /// It is a value of another type; every type says that in the same words.
    WrongKind,
    /// Something of its own.
    Told(Fault),
}

impl Resolver<'_> {
    fn value(&self, default: &DefaultDecl) -> Result<DefaultValue, Refusal> {
        match default {
            DefaultDecl::Null => Ok(DefaultValue::Null),
            // A database gives `(5)` back as the literal that it is.
            DefaultDecl::Sql(expr) => Ok(literal(expr.as_str())),
            DefaultDecl::Now => self.now(),
            DefaultDecl::Literal(literal) => self.literal(literal),
            DefaultDecl::Path(path) => match self.kind {
                Some(Kind::TextEnum(text_enum)) => {
                    self.variant(text_enum, self.table.origin.module, &self.own_names(path), 0)
                }
                _ => self.literal(&self.constant(self.table.origin.module, &self.own_names(path), 0)?),
            },
        }
    }

    /// The time at which a row is made, in the form the column has.
    fn now(&self) -> Result<DefaultValue, Refusal> {
        let is_text = matches!(self.kind, Some(Kind::Builtin(Builtin::Text)));
        let sql = match self.form {
            StoredForm::UnixSeconds => "unixepoch()",
            StoredForm::UnixMilliseconds => "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
            StoredForm::TimestampText => "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
            _ if is_text => "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
            _ => {
                let fault = self.fault("`now` is the default of a `Timestamp` or a `String`");
                return Err(Refusal::Told(
                    fault.with_hint("write `default = sql(\"…\")` for a time in another form"),
                ));
            }
        };
        Ok(DefaultValue::Expr(SqlExpr::new(sql)))
    }

    fn literal(&self, literal: &Literal) -> Result<DefaultValue, Refusal> {
        let Some(kind) = self.kind else { return self.unchecked(literal) };
        let Kind::Builtin(builtin) = kind else { return Err(Refusal::WrongKind) };
        match (builtin, literal) {
            (Builtin::Bool, Literal::Bool(value)) => Ok(DefaultValue::Bool(*value)),
            (Builtin::Integer(least, greatest), Literal::Integer(value)) => match i64::try_from(*value) {
                Ok(value) if (*least..=*greatest).contains(&value) => Ok(DefaultValue::Integer(value)),
                _ => {
                    let rust_type = self.column.rust_type.text();
                    let fault = self.fault(&format!(
                        "the default {value} of `{}` is out of range",
                        self.column.field.value
                    ));
                    Err(Refusal::Told(fault.with_hint(format!("`{rust_type}` holds {least} to {greatest}"))))
                }
            },
            (Builtin::Real, Literal::Real(value)) => Ok(DefaultValue::Real(*value)),
            (Builtin::Text, Literal::Text(text)) => Ok(DefaultValue::Text(text.clone())),
            (Builtin::Char, Literal::Char(letter)) => Ok(DefaultValue::Text(letter.to_string())),
            (Builtin::Bytes, Literal::Bytes(bytes)) => Ok(DefaultValue::Blob(bytes.clone())),
            (Builtin::Json, Literal::Text(text)) => match serde_json::from_str::<serde::de::IgnoredAny>(text)
            {
                Ok(_) => Ok(DefaultValue::Text(text.clone())),
                Err(error) => {
                    let fault = self
                        .fault(&format!("the default of `{}` is no JSON: {error}", self.column.field.value));
                    Err(Refusal::Told(fault.with_hint("write JSON in the text, `default = \"[]\"`")))
                }
            },
            (Builtin::Uuid, Literal::Text(text)) => self.uuid(text),
            (Builtin::Timestamp, Literal::Integer(value)) => match (self.form, i64::try_from(*value)) {
                (StoredForm::UnixSeconds | StoredForm::UnixMilliseconds, Ok(value)) => {
                    Ok(DefaultValue::Integer(value))
                }
                _ => Err(Refusal::WrongKind),
            },
            (Builtin::Timestamp, Literal::Text(text))
                if *self.form == StoredForm::TimestampText && is_timestamp(text) =>
            {
                Ok(DefaultValue::Text(text.clone()))
            }
            _ => Err(Refusal::WrongKind),
        }
    }

    /// A default for a type that only the SQL type is known of.
    fn unchecked(&self, literal: &Literal) -> Result<DefaultValue, Refusal> {
        Ok(match literal {
            Literal::Bool(value) => DefaultValue::Bool(*value),
            Literal::Integer(value) => {
                DefaultValue::Integer(i64::try_from(*value).map_err(|_| Refusal::WrongKind)?)
            }
            Literal::Real(value) => DefaultValue::Real(*value),
            Literal::Text(text) => DefaultValue::Text(text.clone()),
            Literal::Char(letter) => DefaultValue::Text(letter.to_string()),
            Literal::Bytes(bytes) => DefaultValue::Blob(bytes.clone()),
        })
    }

    fn uuid(&self, text: &str) -> Result<DefaultValue, Refusal> {
        let dashes_stand_right = text.len() == 36
            && text.bytes().enumerate().all(|(at, byte)| (byte == b'-') == matches!(at, 8 | 13 | 18 | 23));
        let digits: Option<Vec<u8>> = text
            .chars()
            .filter(|c| *c != '-')
            .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect();
        let (true, Some(digits)) = (dashes_stand_right, digits) else { return Err(Refusal::WrongKind) };
        Ok(match self.form {
            StoredForm::UuidBlob => {
                DefaultValue::Blob(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
            }
            _ => DefaultValue::Text(text.to_ascii_lowercase()),
        })
    }

    /// A variant by its path, by a `use` of it, or through a const.
    fn variant(
        &self,
        text_enum: &TextEnumDecl,
        module: usize,
        names: &[String],
        depth: usize,
    ) -> Result<DefaultValue, Refusal> {
        let scopes = &self.declarations.scopes;
        let expanded = scopes.expand(module, names);
        let Some((name, owner)) = expanded.split_last() else { return Err(Refusal::WrongKind) };
        let is_ours = |owner: &[String]| {
            let found = scopes.find(module, owner, Space::Types).map(|found| found.item);
            matches!(found, Some(Item::TextEnum(at)) if std::ptr::eq(&self.declarations.text_enums[at], text_enum))
        };
        let variant = text_enum.variants.iter().find(|variant| variant.ident.value == *name);
        if is_ours(owner)
            || (owner.is_empty() && scopes.modules[module].globs.iter().any(|glob| is_ours(glob)))
        {
            if let Some(variant) = variant {
                return Ok(DefaultValue::Text(variant.text.value.clone()));
            }
            if self.constant_at(module, names).is_err() {
                return Err(Refusal::Told(self.no_variant(text_enum, name)));
            }
        }
        let constant = self.constant_at(module, names)?;
        match &constant.value {
            syn::Expr::Path(next) if depth < MAX_HOPS => {
                self.variant(text_enum, constant.origin.module, &names_of(&next.path), depth + 1)
            }
            _ => Err(Refusal::WrongKind),
        }
    }

    fn no_variant(&self, text_enum: &TextEnumDecl, name: &str) -> Fault {
        let names: Vec<&str> =
            text_enum.variants.iter().map(|variant| variant.ident.value.as_str()).collect();
        let fault = self.fault(&format!("`{}` has no variant `{name}`", text_enum.ident.value));
        fault.with_hint(match nearest(name, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("its variants are {}", listed(&names)),
        })
    }

    /// Returns the names of a path in which `Self` is the table's struct.
    fn own_names(&self, path: &RustPath) -> Vec<String> {
        let mut names = names_of(&path.0);
        if names.first().is_some_and(|first| first == "Self") {
            names[0].clone_from(&self.table.ident.value);
        }
        names
    }

    /// Returns the literal that a const is, through other consts.
    fn constant(&self, module: usize, names: &[String], depth: usize) -> Result<Literal, Refusal> {
        let constant = self.constant_at(module, names)?;
        match (literal_of(&constant.value), &constant.value) {
            (Some(literal), _) => Ok(literal),
            (None, syn::Expr::Path(next)) if depth < MAX_HOPS => {
                self.constant(constant.origin.module, &names_of(&next.path), depth + 1)
            }
            _ => {
                let text = names.join("::");
                let fault =
                    self.fault(&format!("the const `{text}` is no literal, so its value is not known here"));
                Err(Refusal::Told(fault.with_hint("write the value itself, or `default = sql(\"…\")`")))
            }
        }
    }

    /// Returns the const of that name: of a module, or of an `impl`.
    fn constant_at(&self, module: usize, names: &[String]) -> Result<&ConstDecl, Refusal> {
        let scopes = &self.declarations.scopes;
        let found = scopes.find(module, names, Space::Consts).or_else(|| {
            let (name, owner) = names.split_last()?;
            let owner = scopes.find(module, owner, Space::Types)?;
            scopes.find(owner.module, &[format!("{}::{name}", owner.name)], Space::Consts)
        });
        let text = names.join("::");
        match found.map(|found| found.item) {
            Some(Item::Const(at)) => Ok(&self.declarations.consts[at]),
            Some(Item::Conditional(_)) => {
                let fault = self.fault(&format!("what `{text}` is depends on a `cfg`"));
                Err(Refusal::Told(fault.with_hint("write the value itself")))
            }
            _ => {
                let fault = self.fault(&format!("the const `{text}` is not declared in the schema's files"));
                Err(Refusal::Told(fault.with_hint("write the value itself, or `default = sql(\"…\")`")))
            }
        }
    }

    fn fault(&self, message: &str) -> Fault {
        let span = self.column.default.as_ref().map_or(self.column.field.span, |default| default.span);
        Fault::new(span, message)
    }

    /// Returns how a default of the column's type is written.
    fn example(&self) -> String {
        let example = match self.kind {
            Some(Kind::TextEnum(text_enum)) => {
                let variant =
                    text_enum.variants.first().map_or("…", |variant| variant.ident.value.as_str());
                return format!("write a variant, `default = {}::{variant}`", text_enum.ident.value);
            }
            Some(Kind::Builtin(builtin)) => match (builtin, self.form) {
                (Builtin::Bool, _) => "false",
                (Builtin::Integer(..), _) => "0",
                (Builtin::Real, _) => "0.0",
                (Builtin::Text, _) => "\"text\"",
                (Builtin::Char, _) => "'c'",
                (Builtin::Bytes, _) => "b\"bytes\"",
                (Builtin::Json, _) => "\"[]\"",
                (Builtin::Uuid, _) => "\"00000000-0000-0000-0000-000000000000\"",
                (Builtin::Timestamp, StoredForm::TimestampText) => {
                    "now` or `default = \"2026-01-31T12:00:00.000Z\""
                }
                (Builtin::Timestamp, _) => "now` or `default = 0",
            },
            None => "sql(\"…\")",
        };
        format!("write `default = {example}`")
    }
}

/// Whether a text has the form in which times are stored: `2026-01-31T12:00:00.000Z`.
fn is_timestamp(text: &str) -> bool {
    let pattern = b"0000-00-00T00:00:00.000Z";
    text.len() == pattern.len()
        && text.bytes().zip(pattern).all(|(byte, wanted)| match wanted {
            b'0' => byte.is_ascii_digit(),
            mark => byte == *mark,
        })
}
