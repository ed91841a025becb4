//! A view as a struct: its definition, and fields for what it yields.

use std::collections::BTreeSet;

use super::attribute::{Arg, attribute};
use super::column::Kind;
use super::names::{Names, fields, plain};
use super::{ViewColumn, ViewColumns};
use crate::model::View;
use crate::naming::snake_case;
use crate::sql::what_is_wrong;

/// Writes a view, or says why it cannot be written.
pub(super) fn item(view: &View, views: &ViewColumns, names: &Names) -> Result<String, String> {
    if let Some(wrong) = what_is_wrong(view.definition.as_str()) {
        return Err(format!("its definition {wrong}"));
    }
    let known = views.get(&view.name.to_ascii_lowercase());
    let columns: Vec<ViewColumn> = match known {
        Some(columns) => columns.clone(),
        None => view
            .columns
            .iter()
            .map(|name| ViewColumn { name: name.clone(), ..ViewColumn::default() })
            .collect(),
    };
    if columns.is_empty() {
        return Err("which columns it has is not known".to_owned());
    }
    let column_names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    if let Some(twice) = twice(&column_names) {
        return Err(format!("two columns of it are named `{twice}`"));
    }
    let mut args = Vec::new();
    let name = names.of_table(&view.name);
    if snake_case(name) != view.name {
        args.push(Arg::text("name", &view.name));
    }
    args.extend((!view.columns.is_empty()).then(|| Arg::flag("named_columns")));
    args.push(Arg::text("definition", view.definition.as_str()));
    let mut text = "#[derive(Debug, Clone, PartialEq, View)]\n".to_owned();
    text.push_str(&attribute("view", &args, 0));
    text.push_str(&format!("pub struct {name} {{\n"));
    for (column, field) in columns.iter().zip(fields(&column_names, &BTreeSet::new())) {
        if snake_case(plain(&field)) != column.name {
            text.push_str(&attribute("column", &[Arg::text("name", &column.name)], 4));
        }
        // Whether a view yields NULL is nowhere said.
        text.push_str(&format!(
            "    pub {field}: Option<{}>,\n",
            Kind::of_type(&column.column_type, false).name()
        ));
    }
    text.push_str("}\n");
    Ok(text)
}

fn twice<'n>(names: &[&'n str]) -> Option<&'n str> {
    let is_before = |at: usize| names[..at].iter().any(|name| name.eq_ignore_ascii_case(names[at]));
    (0..names.len()).find(|at| is_before(*at) || names[*at].is_empty()).map(|at| names[at])
}
