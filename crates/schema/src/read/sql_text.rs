//! SQL that stands in attributes: looked at closely enough to point at a typing error, and not judged further.

use crate::sql::{SqlExpr, is_type_name, what_is_wrong};

use super::decl::Spanned;
use super::fault::{Fault, Faults};

/// Makes an expression of an attribute's text; text that cannot be one is a fault.
pub(super) fn expression(text: &Spanned<String>, key: &str, faults: &mut Faults) -> Option<SqlExpr> {
    if let Some(wrong) = what_is_wrong(&text.value) {
        faults.push(Fault::new(text.span, format!("the SQL of `{key}` {wrong}")));
        return None;
    }
    Some(SqlExpr::new(&text.value))
}

/// Whether an attribute's text is a column type; one that is none is a fault. No text at all is a column without a type.
pub(super) fn type_name(text: &Spanned<String>, faults: &mut Faults) -> bool {
    let is_type = is_type_name(&text.value);
    if !is_type {
        faults.push(Fault::new(text.span, format!("`{}` is no SQL type", text.value)).with_hint(
            "write a type such as `TEXT`, `VARCHAR(20)` or `DECIMAL(10, 2)`, without constraints",
        ));
    }
    is_type
}
