//! What the command line asks for.
//!
//! There are few words and fewer options, so they are read here; a parser would take longer to compile than all of this
//! program's own commands.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::database::StartError;
use crate::documents::child;

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Serve.
    Serve,
    /// Take over a database of the original.
    Adopt,
    /// Write a branch to a file.
    Export(Export),
    /// Read a branch from a file.
    Import(Import),
    /// Read a document; the server starts this, and not people.
    ExtractText {
        /// The word for its kind.
        kind: String,
        /// The limit of memory.
        memory: String,
        /// The limit of time.
        seconds: String,
    },
    /// Explain the program.
    Help,
    /// Name the version.
    Version,
}

/// How to export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// The id or title of the branch.
    pub branch: String,
    /// Where to; stdout if not given.
    pub output: Option<PathBuf>,
    /// Whether a file that is there is replaced.
    pub force: bool,
}

/// How to import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The file.
    pub file: PathBuf,
    /// The user that everything is to belong to, unless it is the default user.
    pub user: Option<String>,
    /// Whether everything keeps its id.
    pub keep_ids: bool,
}

impl Command {
    /// Reads the arguments behind the program's name.
    ///
    /// # Errors
    ///
    /// Names the argument that is not understood, or the one that is missing.
    pub fn parse(arguments: Vec<OsString>) -> Result<Self, StartError> {
        let mut words = Words::of(arguments)?;
        let Some(verb) = words.next() else { return Ok(Self::Serve) };
        let command = match verb.as_str() {
            "--help" | "-h" => Self::Help,
            "--version" | "-V" => Self::Version,
            "adopt" => Self::Adopt,
            "export" => return export(words),
            "import" => return import(words),
            child::COMMAND => Self::ExtractText {
                kind: words.value_of(&verb, "KIND")?,
                memory: words.value_of(&verb, "MIB")?,
                seconds: words.value_of(&verb, "SECONDS")?,
            },
            _ => return Err(unknown(&verb)),
        };
        words.end()?;
        Ok(command)
    }
}

fn export(mut words: Words) -> Result<Command, StartError> {
    let (mut branch, mut output, mut force) = (None, None, false);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--output" | "-o" => output = Some(words.value_of(&word, "FILE")?.into()),
            "--force" => force = true,
            "--help" | "-h" => return Ok(Command::Help),
            // Behind `--` a title may begin with a dash.
            "--" if branch.is_none() => branch = Some(words.value_of("export", "BRANCH")?),
            _ if word.starts_with('-') || branch.is_some() => return Err(unknown(&word)),
            _ => branch = Some(word),
        }
    }
    let branch = branch.ok_or_else(|| missing("export", "BRANCH"))?;
    if force && output.is_none() {
        return Err(StartError::new("`--force` is about the file of `--output`, which is not given"));
    }
    Ok(Command::Export(Export { branch, output, force }))
}

fn import(mut words: Words) -> Result<Command, StartError> {
    let (mut file, mut user, mut keep_ids) = (None, None, false);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--user" => user = Some(words.value_of(&word, "ID")?),
            "--keep-ids" => keep_ids = true,
            "--help" | "-h" => return Ok(Command::Help),
            "--" if file.is_none() => file = Some(words.value_of("import", "FILE")?),
            _ if word.starts_with('-') || file.is_some() => return Err(unknown(&word)),
            _ => file = Some(word),
        }
    }
    let file = file.ok_or_else(|| missing("import", "FILE"))?.into();
    Ok(Command::Import(Import { file, user, keep_ids }))
}

/// The arguments that are still to be read.
struct Words(std::vec::IntoIter<String>);

impl Words {
    fn of(arguments: Vec<OsString>) -> Result<Self, StartError> {
        let words: Result<Vec<String>, _> = arguments.into_iter().map(OsString::into_string).collect();
        let words = words.map_err(|word| {
            StartError::new(format!("the argument `{}` is not valid UTF-8", word.to_string_lossy()))
        })?;
        Ok(Self(words.into_iter()))
    }

    fn next(&mut self) -> Option<String> {
        self.0.next()
    }

    fn value_of(&mut self, word: &str, value: &str) -> Result<String, StartError> {
        self.next().ok_or_else(|| missing(word, value))
    }

    fn end(mut self) -> Result<(), StartError> {
        self.next().map_or(Ok(()), |word| Err(unknown(&word)))
    }
}

fn unknown(word: &str) -> StartError {
    StartError::new(format!("the argument `{word}` is not understood"))
        .with_hint("`sprout --help` lists them")
}

fn missing(word: &str, value: &str) -> StartError {
    StartError::new(format!("`{word}` needs {value}")).with_hint("`sprout --help` shows how it is written")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Result<Command, String> {
        Command::parse(words.iter().map(OsString::from).collect()).map_err(|error| error.to_string())
    }

    fn exported(branch: &str, output: Option<&str>, force: bool) -> Result<Command, String> {
        Ok(Command::Export(Export { branch: branch.into(), output: output.map(PathBuf::from), force }))
    }

    #[test]
    fn options_stand_before_or_behind_what_they_are_about() {
        assert_eq!(parsed(&[]), Ok(Command::Serve));
        assert_eq!(parsed(&["export", "Trees"]), exported("Trees", None, false));
        let expected = exported("Trees", Some("t.json"), true);
        assert_eq!(parsed(&["export", "Trees", "--force", "-o", "t.json"]), expected);
        assert_eq!(parsed(&["export", "--output", "t.json", "--force", "Trees"]), expected);
        assert_eq!(parsed(&["export", "--", "--force"]), exported("--force", None, false));
    }

    #[test]
    fn an_import_is_told_whose_and_whether_ids_stay() {
        let import = |user: Option<&str>, keep_ids| {
            let user = user.map(str::to_owned);
            Ok(Command::Import(Import { file: "t.json".into(), user, keep_ids }))
        };
        assert_eq!(parsed(&["import", "t.json"]), import(None, false));
        assert_eq!(parsed(&["import", "--keep-ids", "t.json", "--user", "u"]), import(Some("u"), true));
        assert_eq!(parsed(&["import", "--", "t.json"]), import(None, false));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (words, text) in [
            (&["serve"][..], "the argument `serve` is not understood"),
            (&["adopt", "x"], "the argument `x` is not understood"),
            (&["import"], "`import` needs FILE"),
            (&["import", "a", "b"], "the argument `b` is not understood"),
            (&["import", "a", "--user"], "`--user` needs ID"),
            (&["export"], "`export` needs BRANCH"),
            (&["export", "a", "b"], "the argument `b` is not understood"),
            (&["export", "a", "--to"], "the argument `--to` is not understood"),
            (&["export", "a", "-o"], "`-o` needs FILE"),
            (&["export", "a", "--force"], "`--force` is about the file of `--output`, which is not given"),
        ] {
            assert_eq!(parsed(words), Err(text.to_owned()), "{words:?}");
        }
    }
}
