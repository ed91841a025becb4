//! Consent in the file itself: `-- seedbed: allow drop-column users.age because nobody reads it`.

use seedbed_schema::plan::{Hazard, HazardCode};

use super::is_same;

/// A hazard that a person allowed, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Allow {
    /// The line in the file.
    pub(crate) line: usize,
    /// The kind.
    pub(crate) code: HazardCode,
    /// The table or `table.column`; empty for what is about the whole file.
    pub(crate) subject: String,
    /// Why.
    pub(crate) reason: String,
}

impl Allow {
    /// Reads what stands behind `allow `.
    pub(super) fn read(text: &str, line: usize) -> Result<Self, String> {
        let (head, reason) = match text.split_once(" because ") {
            Some((head, reason)) if !reason.trim().is_empty() => (head.trim(), reason.trim()),
            _ => return Err("an allowance needs its reason".to_owned()),
        };
        let (word, subject) = head.split_once(' ').unwrap_or((head, ""));
        let code = HazardCode::named(word).ok_or_else(|| format!("there is no hazard `{word}`"))?;
        Ok(Self { line, code, subject: subject.trim().to_owned(), reason: reason.to_owned() })
    }

    /// Whether it is about that hazard. One about a table is about its columns, too.
    pub(crate) fn covers(&self, hazard: &Hazard) -> bool {
        self.code == hazard.code
            && (is_same(&self.subject, &hazard.subject()) || is_same(&self.subject, &hazard.table))
    }
}

#[cfg(test)]
mod tests {
    use super::Allow;
    use seedbed_schema::plan::{Hazard, HazardCode};

    #[test]
    fn an_allowance_names_the_hazard_and_the_reason() {
        let allow = Allow::read("drop-column users.age because nobody reads it, because it is 0", 3).unwrap();
        assert_eq!(
            (allow.subject.as_str(), allow.reason.as_str()),
            ("users.age", "nobody reads it, because it is 0")
        );
        let hazard = |column| Hazard::new(HazardCode::DropColumn, "Users", Some(column), "");
        assert!(allow.covers(&hazard("AGE")) && !allow.covers(&hazard("name")));
        assert!(Allow::read("drop-column users because it is old", 1).unwrap().covers(&hazard("name")));
        assert!(Allow::read("drop-column users.age", 1).unwrap_err().contains("reason"));
        assert!(Allow::read("drop-column users.age because ", 1).unwrap_err().contains("reason"));
        assert!(Allow::read("drop-colum users.age because of it", 1).is_err());
    }
}
