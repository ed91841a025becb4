//! The answers that a change of schema needs: from flags, or from the person at the terminal.
//!
//! The library returns what it can't know (an [`Ambiguity`], a planner's [`Question`]); a verb brings it here and
//! tries again with what came back. Without a terminal the questions become an error that names the flag for every
//! possible answer. Nothing is ever answered by default.

use seedbed_schema::diff::{Ambiguity, Candidate, Renames};
use seedbed_schema::plan::{Backfill, Question, QuestionKind};
use seedbed_schema::sql::{SqlExpr, what_is_wrong};
use serde_json::{Value, json};

use crate::cli_error::{CliError, Kind};
use crate::prompt::{self, Answer};
use crate::terminal::{Style, Terminal};

/// The flags that answer questions.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct AnswerArgs {
    /// Take a table or column for a renamed one: table:new or table.column:new
    #[arg(long, value_name = "OLD:NEW")]
    rename: Vec<String>,
    /// Take whatever no --rename names for new or dropped
    #[arg(long)]
    no_renames: bool,
    /// Give the rows that are there a value for a column, an SQL expression
    #[arg(long, value_name = "TABLE.COLUMN=EXPR")]
    backfill: Vec<String>,
}

/// The answers of a run, so far.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    /// What was renamed.
    pub(crate) renames: Renames,
    /// Values for rows that are there.
    pub(crate) backfills: Vec<Backfill>,
    /// Names that a person said are new, with their table.
    new: Vec<(Option<String>, String)>,
}

impl Answers {
    /// Reads the flags.
    pub(crate) fn from_args(args: &AnswerArgs) -> Result<Self, CliError> {
        let mut answers = Self::default();
        for flag in &args.rename {
            answers.renames = rename(std::mem::take(&mut answers.renames), flag)?;
        }
        answers.renames.others_are_new = args.no_renames;
        answers.backfills = args.backfill.iter().map(|flag| backfill(flag)).collect::<Result<_, _>>()?;
        Ok(answers)
    }

    /// Asks whether names are new or renamed, tables first: a table's answer decides which columns are in question,
    /// so the caller compares again and comes back with what is still open.
    ///
    /// # Errors
    ///
    /// When nobody can be asked, or the person leaves.
    pub(crate) fn ask_renames(
        &mut self,
        terminal: &Terminal,
        ambiguities: &[Ambiguity],
    ) -> Result<(), CliError> {
        if !terminal.interactive {
            return Err(rename_questions(terminal, ambiguities));
        }
        let is_open = |open: &&Ambiguity| !self.new.contains(&(open.table.clone(), open.created.clone()));
        let open: Vec<&Ambiguity> = ambiguities.iter().filter(is_open).collect();
        let about_tables = open.iter().any(|ambiguity| ambiguity.table.is_none());
        for ambiguity in open.iter().filter(|ambiguity| ambiguity.table.is_none() == about_tables) {
            let candidates: Vec<&Candidate> = ambiguity
                .candidates
                .iter()
                .filter(|candidate| !self.is_taken(ambiguity, candidate))
                .collect();
            if candidates.is_empty() {
                self.new.push((ambiguity.table.clone(), ambiguity.created.clone()));
                continue;
            }
            match ask_rename(terminal, ambiguity, &candidates) {
                Answer::Abandoned => return Err(rename_questions(terminal, ambiguities)),
                Answer::Given(None) => self.new.push((ambiguity.table.clone(), ambiguity.created.clone())),
                Answer::Given(Some(candidate)) => {
                    let renames = std::mem::take(&mut self.renames);
                    self.renames = match &ambiguity.table {
                        None => renames.table(&candidate.name, &ambiguity.created),
                        Some(table) => renames.column(table, &candidate.name, &ambiguity.created),
                    };
                }
            }
        }
        // Once columns were asked about, every table is settled and so is everything else.
        self.renames.others_are_new = !about_tables;
        Ok(())
    }

    /// Asks for the values that rows need.
    ///
    /// # Errors
    ///
    /// When nobody can be asked, the person leaves, or no value can answer one of the questions.
    pub(crate) fn ask_values(&mut self, terminal: &Terminal, questions: &[Question]) -> Result<(), CliError> {
        let is_answerable =
            |question: &Question| question.kind == QuestionKind::MissingValue && question.column.is_some();
        if !terminal.interactive || !questions.iter().all(is_answerable) {
            return Err(value_questions(terminal, questions));
        }
        for question in questions {
            let Answer::Given(expr) = prompt::text(terminal, &question.text) else {
                return Err(value_questions(terminal, questions));
            };
            self.backfills.push(Backfill {
                table: question.table.clone(),
                column: question.column.clone().unwrap_or_default(),
                expr: SqlExpr::new(&expr),
            });
        }
        Ok(())
    }

    /// Whether an old name was given to another new one already.
    fn is_taken(&self, ambiguity: &Ambiguity, candidate: &Candidate) -> bool {
        match &ambiguity.table {
            None => self.renames.tables.iter().any(|rename| rename.from == candidate.name),
            Some(table) => {
                let mut columns = self.renames.columns.iter();
                columns.any(|rename| rename.table == *table && rename.from == candidate.name)
            }
        }
    }
}

fn ask_rename<'a>(
    terminal: &Terminal,
    ambiguity: &Ambiguity,
    candidates: &[&'a Candidate],
) -> Answer<Option<&'a Candidate>> {
    let mut choices = vec!["it is new".to_owned()];
    choices.extend(
        candidates
            .iter()
            .map(|candidate| format!("renamed from `{}` ({}% alike)", candidate.name, candidate.similarity)),
    );
    match prompt::choose(terminal, &question(ambiguity), &choices) {
        Answer::Abandoned => Answer::Abandoned,
        Answer::Given(0) => Answer::Given(None),
        Answer::Given(choice) => Answer::Given(Some(candidates[choice - 1])),
    }
}

fn question(ambiguity: &Ambiguity) -> String {
    match &ambiguity.table {
        None => format!("is table `{}` new, or renamed?", ambiguity.created),
        Some(table) => format!("is column `{table}.{}` new, or renamed?", ambiguity.created),
    }
}

/// The questions about renames, for someone who can't be asked.
fn rename_questions(terminal: &Terminal, ambiguities: &[Ambiguity]) -> CliError {
    let mut text = format!("{}: only you can tell what was renamed\n", terminal.paint(Style::Error, "error"));
    for ambiguity in ambiguities {
        text.push_str(&format!("  {}\n", question(ambiguity)));
        for candidate in &ambiguity.candidates {
            let flag = rename_flag(ambiguity, candidate);
            text.push_str(&format!("    {flag}  ({}% alike)\n", candidate.similarity));
        }
    }
    CliError::new(Kind::Question, "only you can tell what was renamed")
        .with_excerpt(text)
        .with_hint("pass the flag of each rename, and `--no-renames` when all else is new")
        .with_field("questions", ambiguities.iter().map(rename_json).collect::<Vec<_>>())
}

fn rename_flag(ambiguity: &Ambiguity, candidate: &Candidate) -> String {
    format!("--rename {}", shell_word(&ambiguity.flag(&candidate.name)))
}

fn rename_json(ambiguity: &Ambiguity) -> Value {
    let candidate = |candidate: &Candidate| {
        json!({
            "name": candidate.name,
            "similarity": candidate.similarity,
            "flag": rename_flag(ambiguity, candidate),
        })
    };
    json!({
        "kind": "rename",
        "table": ambiguity.table,
        "created": ambiguity.created,
        "candidates": ambiguity.candidates.iter().map(candidate).collect::<Vec<_>>(),
        "flag_if_new": "--no-renames",
    })
}

/// The planner's questions, for someone who can't be asked.
fn value_questions(terminal: &Terminal, questions: &[Question]) -> CliError {
    let mut text = String::new();
    for question in questions {
        text.push_str(&format!("{}: {}\n", terminal.paint(Style::Error, "error"), question.text));
        if let Some(flag) = value_flag(question) {
            text.push_str(&format!("    {flag}\n"));
        }
    }
    let message = questions.first().map_or("a value is missing", |question| &question.text);
    let error = CliError::new(Kind::Question, message)
        .with_excerpt(text)
        .with_field("questions", questions.iter().map(value_json).collect::<Vec<_>>());
    let asks_for = |kind| questions.iter().any(|question| question.kind == kind);
    let error = if asks_for(QuestionKind::MissingValue) {
        error.with_hint("give the column a default or a `backfill`, or pass the flag with an SQL expression")
    } else {
        error
    };
    if asks_for(QuestionKind::Unmodelled) {
        error.with_hint("write that change by hand: `seedbed generate --custom`")
    } else {
        error
    }
}

fn value_flag(question: &Question) -> Option<String> {
    let column = question.column.as_ref().filter(|_| question.kind == QuestionKind::MissingValue)?;
    Some(format!("--backfill {}='…'", shell_word(&format!("{}.{column}", question.table))))
}

fn value_json(question: &Question) -> Value {
    json!({
        "kind": question.kind,
        "table": question.table,
        "column": question.column,
        "text": question.text,
        "flag": value_flag(question),
    })
}

/// Reads `table:new` or `table.column:new`.
fn rename(renames: Renames, flag: &str) -> Result<Renames, CliError> {
    let fault = || {
        CliError::usage(format!("`--rename {flag}` is not of the form `table:new` or `table.column:new`"))
            .with_hint("a name with a dot or a colon in it takes `renamed_from` in the code")
    };
    let (from, to) = flag.split_once(':').ok_or_else(fault)?;
    let (table, column) = from.split_once('.').map_or((from, None), |(table, column)| (table, Some(column)));
    if [table, to, column.unwrap_or("-")].iter().any(|name| name.is_empty() || name.contains([':', '.'])) {
        return Err(fault());
    }
    Ok(match column {
        None => renames.table(table, to),
        Some(column) => renames.column(table, column, to),
    })
}

/// Reads `table.column=expression`.
pub(crate) fn backfill(flag: &str) -> Result<Backfill, CliError> {
    let parts = flag.split_once('=').and_then(|(place, expr)| Some((place.split_once('.')?, expr.trim())));
    match parts {
        Some(((table, column), expr)) if ![table, column, expr].contains(&"") => {
            if let Some(wrong) = what_is_wrong(expr) {
                return Err(CliError::usage(format!("the SQL of `--backfill {flag}` {wrong}"))
                    .with_hint("it takes one expression, such as `'open'` or `lower(name)`"));
            }
            Ok(Backfill { table: table.to_owned(), column: column.to_owned(), expr: SqlExpr::new(expr) })
        }
        _ => {
            Err(CliError::usage(format!("`--backfill {flag}` is not of the form `table.column=expression`"))
                .with_hint("a text takes quotes of its own: --backfill \"notes.state='open'\""))
        }
    }
}

/// Quotes a word for a shell, when it needs to be.
fn shell_word(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_.:-".contains(c);
    if word.chars().all(is_plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backfill_is_one_expression() {
        assert!(backfill("notes.state='it''s; fine'").is_ok());
        for wrong in
            ["a.z='x'); DELETE FROM a; SELECT (1", "a.z='open", "a.z=?1", "a.z=1;", "a.z=", "a=1", "a.z=--"]
        {
            assert!(backfill(wrong).is_err(), "{wrong}");
        }
    }

    const SCRIPT: Terminal = Terminal { json: false, color: false, interactive: false };

    fn args(rename: &[&str], backfill: &[&str]) -> AnswerArgs {
        let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        AnswerArgs { rename: owned(rename), no_renames: false, backfill: owned(backfill) }
    }

    #[test]
    fn flags_become_answers() {
        let answers = Answers::from_args(&args(&["a:b", "b.c:d"], &["t.c=x || '=.'"])).unwrap();
        assert_eq!(answers.renames, Renames::default().table("a", "b").column("b", "c", "d"));
        let backfill = &answers.backfills[0];
        assert_eq!((backfill.table.as_str(), backfill.column.as_str()), ("t", "c"));
        assert_eq!(backfill.expr, SqlExpr::new("x || '=.'"));
    }

    #[test]
    fn a_flag_of_another_form_is_refused() {
        for wrong in ["a", "a:", ":b", "a.b", "a.b.c:d", "a:b:c", ".b:c", "a.b:c.d"] {
            assert!(Answers::from_args(&args(&[wrong], &[])).is_err(), "{wrong}");
        }
        for wrong in ["a.b", "a=1", "a.b=", ".b=1", "a.=1"] {
            assert!(Answers::from_args(&args(&[], &[wrong])).is_err(), "{wrong}");
        }
    }

    #[test]
    fn nobody_to_ask_gives_the_flags_for_every_answer() {
        let ambiguity = Ambiguity {
            table: Some("users".to_owned()),
            created: "full name".to_owned(),
            candidates: vec![Candidate { name: "name".to_owned(), similarity: 60 }],
        };
        let error = Answers::default().ask_renames(&SCRIPT, &[ambiguity]).unwrap_err();
        assert_eq!(error.kind, Kind::Question);
        let text = error.excerpt.unwrap();
        assert!(text.contains("--rename 'users.name:full name'  (60% alike)"), "{text}");
        assert_eq!(error.fields["questions"][0]["flag_if_new"], "--no-renames");
    }
}
