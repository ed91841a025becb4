//! ALTER TABLE … RENAME, in an order in which every new name is free.

use crate::diff::SchemaDiff;
use crate::plan::Step;
use crate::sql::quote_identifier;

/// Plans the renames of tables.
pub(super) fn plan_tables(diff: &SchemaDiff, steps: &mut Vec<Step>) {
    let tables = diff.renames.tables.iter().map(|rename| (rename.from.clone(), rename.to.clone())).collect();
    for (from, to) in free_order(tables) {
        let statement =
            format!("ALTER TABLE {} RENAME TO {}", quote_identifier(&from), quote_identifier(&to));
        steps.push(Step::new(format!("Rename table \"{from}\" to \"{to}\"."), statement));
    }
}

/// Plans the renames of columns, under the tables' new names.
pub(super) fn plan_columns(diff: &SchemaDiff, steps: &mut Vec<Step>) {
    for table in &diff.tables {
        let name = &table.after.name;
        for (from, to) in free_order(table.renamed_columns.clone()) {
            let statement = format!(
                "ALTER TABLE {} RENAME COLUMN {} TO {}",
                quote_identifier(name),
                quote_identifier(&from),
                quote_identifier(&to)
            );
            steps.push(Step::new(format!("Rename column \"{name}\".\"{from}\" to \"{to}\"."), statement));
        }
    }
}

/// Orders renames so that a name is given away before it is taken; a ring of them goes through a name of ours.
fn free_order(mut pending: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut ordered = Vec::with_capacity(pending.len());
    let mut parked = 0;
    while !pending.is_empty() {
        let is_taken = |name: &str, pending: &[(String, String)]| {
            pending.iter().any(|(from, to)| from.eq_ignore_ascii_case(name) && !to.eq_ignore_ascii_case(name))
        };
        // A rename that only changes the case of letters takes no other's name.
        let free =
            pending.iter().position(|(from, to)| from.eq_ignore_ascii_case(to) || !is_taken(to, &pending));
        match free {
            Some(at) => ordered.push(pending.remove(at)),
            None => {
                let aside = format!("__seedbed_rename_{parked}");
                parked += 1;
                let (from, _) = &mut pending[0];
                let old = std::mem::replace(from, aside.clone());
                ordered.push((old, aside));
            }
        }
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::free_order;

    fn order(pairs: &[(&str, &str)]) -> Vec<String> {
        let pending = pairs.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect();
        free_order(pending).into_iter().map(|(from, to)| format!("{from}>{to}")).collect()
    }

    #[test]
    fn a_chain_starts_at_its_free_end() {
        assert_eq!(order(&[("a", "b"), ("b", "c")]), ["b>c", "a>b"]);
    }

    #[test]
    fn a_swap_goes_through_a_third_name() {
        assert_eq!(order(&[("a", "b"), ("b", "a")]), ["a>__seedbed_rename_0", "b>a", "__seedbed_rename_0>b"]);
    }
}
