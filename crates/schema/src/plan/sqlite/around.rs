//! What goes before everything else and comes after it: views and triggers.
//!
//! SQLite looks at every view and trigger when a table or column gets a new name, and drops a table's triggers with
//! the table. So those that name what is renamed, rebuilt or dropped go first and come back last. The migrator does
//! that by itself for what hangs on a rebuilt table, hand-made things included; views are then left to it.

use std::collections::BTreeSet;

use crate::diff::{SchemaDiff, TableDiff};
use crate::model::{Trigger, View};
use crate::plan::Step;
use crate::plan::order::readable_first;
use crate::plan::render::{create_trigger, create_view};
use crate::sql::quote_identifier;

/// Finds out which views and triggers go and come.
pub(super) struct Around<'a> {
    diff: &'a SchemaDiff,
    /// Whether nobody but the plan brings back the views that read a rebuilt table.
    stands_alone: bool,
    /// Names, in lower case, of tables that are renamed or go, and of columns that are renamed.
    renamed: BTreeSet<String>,
    /// Names, in lower case, of tables that are made anew under their old name.
    rebuilt: BTreeSet<String>,
    /// Names, in lower case, of tables of which rows or columns change in a way that triggers would notice.
    disturbed: BTreeSet<String>,
}

impl<'a> Around<'a> {
    pub(super) fn new(diff: &'a SchemaDiff, stands_alone: bool) -> Self {
        let mut renamed: BTreeSet<String> = BTreeSet::new();
        renamed.extend(diff.renames.tables.iter().map(|rename| rename.from.to_ascii_lowercase()));
        renamed.extend(diff.renames.columns.iter().map(|rename| rename.from.to_ascii_lowercase()));
        let disturbed = diff.dropped_tables.iter().map(|name| name.to_ascii_lowercase()).collect();
        Self { diff, stands_alone, renamed, rebuilt: BTreeSet::new(), disturbed }
    }

    /// Takes note that a table is rebuilt.
    pub(super) fn rebuilt(&mut self, table: &TableDiff) {
        self.rebuilt.extend(self.names(table));
    }

    /// Takes note of what is done to a table.
    pub(super) fn see(&mut self, table: &TableDiff, steps: &[Step]) {
        if steps.iter().any(Step::is_rebuild) {
            self.rebuilt(table);
        }
        let fills = |statement: &String| statement.starts_with("UPDATE ");
        if !table.dropped_columns.is_empty() || steps.iter().flat_map(|step| &step.statements).any(fills) {
            self.disturbed.extend(self.names(table));
        }
    }

    /// The table's names before and after, in lower case.
    fn names(&self, table: &TableDiff) -> [String; 2] {
        let name = &table.after.name;
        [name.to_ascii_lowercase(), self.diff.renames.old_table(name).to_ascii_lowercase()]
    }

    /// Returns the steps that come before everything else and those that come after it.
    pub(super) fn steps(&self) -> (Vec<Step>, Vec<Step>) {
        let gone_views = self.gone_views();
        let gone_triggers = self.gone_triggers(&gone_views);
        let is_in = |names: &BTreeSet<String>, name: &str| names.contains(&name.to_ascii_lowercase());

        let (before, after) = (&self.diff.before, &self.diff.after);
        let triggers = before.triggers.iter().filter(|trigger| is_in(&gone_triggers, &trigger.name));
        let mut first: Vec<Step> = triggers.map(drop_trigger).collect();
        let all: Vec<&View> = before.views.iter().collect();
        let mut views = readable_first(&all);
        views.retain(|view| is_in(&gone_views, &view.name));
        // Readers before what they read.
        first.extend(views.into_iter().rev().map(drop_view));

        let is_missing = |view: &&View| before.view(&view.name).is_none() || is_in(&gone_views, &view.name);
        let views: Vec<&View> = after.views.iter().filter(is_missing).collect();
        let known: BTreeSet<String> =
            before.triggers.iter().map(|trigger| trigger.name.to_ascii_lowercase()).collect();
        let is_missing =
            |trigger: &&Trigger| !is_in(&known, &trigger.name) || is_in(&gone_triggers, &trigger.name);
        let mut last: Vec<Step> = readable_first(&views)
            .into_iter()
            .map(|view| Step::new(format!("Create view \"{}\".", view.name), create_view(view)))
            .collect();
        last.extend(after.triggers.iter().filter(is_missing).map(|trigger| {
            Step::new(format!("Create trigger \"{}\".", trigger.name), create_trigger(trigger))
        }));
        (first, last)
    }

    /// A view that reads what is renamed, or a view that goes, goes too; SQLite would rewrite or refuse it.
    fn gone_views(&self) -> BTreeSet<String> {
        let mut gone: BTreeSet<String> = BTreeSet::new();
        gone.extend(self.diff.dropped_views.iter().map(|view| view.name.to_ascii_lowercase()));
        gone.extend(self.diff.replaced_views.iter().map(|view| view.before.name.to_ascii_lowercase()));
        loop {
            let known = gone.len();
            for view in &self.diff.before.views {
                let reads = |name: String| {
                    let name = name.to_ascii_lowercase();
                    self.renamed.contains(&name)
                        || gone.contains(&name)
                        || (self.stands_alone && self.rebuilt.contains(&name))
                };
                if view.definition.identifiers().any(reads) {
                    gone.insert(view.name.to_ascii_lowercase());
                }
            }
            if gone.len() == known {
                return gone;
            }
        }
    }

    fn gone_triggers(&self, gone_views: &BTreeSet<String>) -> BTreeSet<String> {
        let mut gone: BTreeSet<String> = BTreeSet::new();
        gone.extend(self.diff.dropped_triggers.iter().map(|trigger| trigger.name.to_ascii_lowercase()));
        let replaced = self.diff.replaced_triggers.iter();
        gone.extend(replaced.map(|trigger| trigger.before.name.to_ascii_lowercase()));
        for trigger in &self.diff.before.triggers {
            let touches = |name: String| {
                let name = name.to_ascii_lowercase();
                [&self.renamed, &self.rebuilt, &self.disturbed, gone_views]
                    .iter()
                    .any(|names| names.contains(&name))
            };
            if trigger.names().any(touches) {
                gone.insert(trigger.name.to_ascii_lowercase());
            }
        }
        gone
    }
}

fn drop_view(view: &View) -> Step {
    Step::new(format!("Drop view \"{}\".", view.name), format!("DROP VIEW {}", quote_identifier(&view.name)))
}

fn drop_trigger(trigger: &Trigger) -> Step {
    let statement = format!("DROP TRIGGER {}", quote_identifier(&trigger.name));
    Step::new(format!("Drop trigger \"{}\".", trigger.name), statement)
}

#[cfg(test)]
mod tests {
    use crate::diff::{Renames, diff};
    use crate::model::{Column, ColumnType, Schema, Table, Trigger, View};
    use crate::plan::{PlanOptions, RunBy, plan};

    fn schema(size: &str) -> Schema {
        let column = |name: &str, sql_type: &str| Column {
            name: name.into(),
            column_type: ColumnType::new(sql_type),
            ..Column::default()
        };
        let table = |name: &str, columns| Table { name: name.into(), columns, ..Table::default() };
        let trigger = |name: &str, table: &str, body: &str| Trigger {
            name: name.into(),
            table: table.into(),
            definition: format!("AFTER INSERT ON {table} BEGIN {body}; END").as_str().into(),
        };
        Schema {
            tables: vec![
                table("files", vec![column("size", size)]),
                table("log", vec![column("line", "TEXT")]),
                table("other", vec![column("line", "TEXT")]),
            ],
            views: vec![View {
                name: "big".into(),
                definition: "SELECT * FROM files".into(),
                columns: vec![],
            }],
            triggers: vec![
                trigger("on_it", "files", "SELECT 1"),
                trigger("reads_it", "log", "INSERT INTO files(size) VALUES (1)"),
                trigger("elsewhere", "log", "SELECT * FROM other"),
            ],
        }
    }

    fn statements(run_by: RunBy) -> Vec<String> {
        let (before, after) = (schema("TEXT"), schema("INTEGER"));
        let difference = diff(&before, &after, &Renames::default()).unwrap();
        let plan = plan(&difference, &PlanOptions { run_by, ..PlanOptions::default() }).unwrap();
        let around =
            |text: &&str| text.contains("TRIGGER") || text.contains("VIEW") || text.contains("RENAME");
        let name = |text: &str| text.split('"').take(2).collect::<Vec<_>>().concat();
        plan.statements().filter(around).map(name).collect()
    }

    #[test]
    fn triggers_on_a_rebuilt_table_and_those_that_use_it_go_first_and_come_last() {
        let rename = "ALTER TABLE __seedbed_new_files";
        let expected = [
            "DROP TRIGGER on_it",
            "DROP TRIGGER reads_it",
            rename,
            "CREATE TRIGGER on_it",
            "CREATE TRIGGER reads_it",
        ];
        assert_eq!(statements(RunBy::Migrator), expected);
        let mut alone = expected.map(str::to_owned).to_vec();
        alone.insert(2, "DROP VIEW big".to_owned());
        alone.insert(4, "CREATE VIEW big".to_owned());
        assert_eq!(statements(RunBy::Shell), alone);
    }

    #[test]
    fn what_a_trigger_takes_for_granted_is_no_difference() {
        let with = |definition: &str| Schema {
            triggers: vec![Trigger { name: "t".into(), table: "a".into(), definition: definition.into() }],
            ..Schema::default()
        };
        let is_same = |before: &str, after: &str| {
            diff(&with(before), &with(after), &Renames::default()).unwrap().is_empty()
        };
        assert!(is_same(
            "INSERT ON a BEGIN SELECT 1; END",
            "before insert ON \"a\" for each row BEGIN SELECT 1; END"
        ));
        assert!(!is_same("INSERT ON a BEGIN SELECT 1; END", "AFTER INSERT ON a BEGIN SELECT 1; END"));
        assert!(!is_same("INSERT ON a BEGIN SELECT 'x'; END", "INSERT ON a BEGIN SELECT 'X'; END"));
    }
}
