//! Rust names for SQL names: of structs, fields, enums and variants. Each is made from its SQL name alone and numbered
//! only where two would be the same, so that a table that is added changes the names of no other.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Column, EnumVariant, IndexTerm, StoredForm, Table, View};
use crate::naming::snake_case;

/// Words that are no names unless they are written `r#word`.
#[rustfmt::skip]
const KEYWORDS: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
    "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move",
    "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Words that are no names in any spelling.
const NEVER: [&str; 4] = ["crate", "self", "super", "_"];

/// Names of types and derives that a schema's file uses, which a struct of the same name would hide.
const TAKEN: [&str; 15] = [
    "Self",
    "String",
    "Option",
    "Vec",
    "Box",
    "Some",
    "None",
    "AnyValue",
    "Json",
    "Timestamp",
    "Uuid",
    "Table",
    "View",
    "TextEnum",
    "DbType",
];

/// Words whose singular the rules do not find.
#[rustfmt::skip]
const SINGULARS: [(&str, &str); 29] = [
    ("addresses", "address"), ("aliases", "alias"), ("analyses", "analysis"), ("bonuses", "bonus"), ("buses", "bus"),
    ("caches", "cache"), ("calories", "calorie"), ("children", "child"), ("cookies", "cookie"), ("indices", "index"),
    ("lenses", "lens"), ("matrices", "matrix"), ("men", "man"), ("mice", "mouse"), ("movies", "movie"),
    ("people", "person"), ("selfies", "selfie"), ("statuses", "status"), ("ties", "tie"), ("vertices", "vertex"),
    ("viruses", "virus"), ("women", "woman"), ("zombies", "zombie"), ("quizzes", "quiz"), ("axes", "axis"),
    ("diagnoses", "diagnosis"), ("hypotheses", "hypothesis"), ("crises", "crisis"), ("headaches", "headache"),
];

/// Words that end as a plural and are none.
const NO_PLURALS: [&str; 12] =
    ["alias", "atlas", "bias", "canvas", "chaos", "dns", "gps", "lens", "means", "news", "series", "species"];

/// The Rust names of a schema.
pub(super) struct Names {
    /// Of tables and views, by SQL name in lower case.
    structs: BTreeMap<String, String>,
    /// Of fields, by table and column in lower case, with `r#` where it is needed.
    fields: BTreeMap<(String, String), String>,
    /// Of enums, likewise.
    enums: BTreeMap<(String, String), String>,
}

impl Names {
    pub(super) fn new(tables: &[&Table], views: &[View]) -> Self {
        let mut taken: BTreeSet<String> = TAKEN.iter().map(|name| (*name).to_owned()).collect();
        let mut names = Self { structs: BTreeMap::new(), fields: BTreeMap::new(), enums: BTreeMap::new() };
        let of_tables = tables.iter().map(|table| &table.name);
        for name in of_tables.chain(views.iter().map(|view| &view.name)) {
            let wanted = struct_name(name);
            let wanted = if TAKEN.contains(&wanted.as_str()) { format!("{wanted}Row") } else { wanted };
            names.structs.insert(lower(name), unique(wanted, "", &mut taken));
        }
        for table in tables {
            let spoken = spoken_names(table);
            let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
            for (column, field) in table.columns.iter().zip(fields(&columns, &spoken)) {
                names.fields.insert((lower(&table.name), lower(&column.name)), field);
            }
            for column in &table.columns {
                if matches!(column.form, StoredForm::TextEnum(_)) {
                    let wanted = format!("{}{}", names.of_table(&table.name), pascal(&column.name));
                    let name = unique(wanted, "", &mut taken);
                    names.enums.insert((lower(&table.name), lower(&column.name)), name);
                }
            }
        }
        names
    }

    /// Returns the name of a table's or a view's struct.
    pub(super) fn of_table(&self, table: &str) -> &str {
        self.structs.get(&lower(table)).map_or("", String::as_str)
    }

    /// Returns the name of a column's field, as it is written.
    pub(super) fn of_field(&self, table: &str, column: &str) -> &str {
        self.fields.get(&(lower(table), lower(column))).map_or("", String::as_str)
    }

    /// Returns the name of a column's enum.
    pub(super) fn of_enum(&self, table: &str, column: &Column) -> &str {
        self.enums.get(&(lower(table), lower(&column.name))).map_or("", String::as_str)
    }
}

/// Returns the name without `r#`.
pub(super) fn plain(name: &str) -> &str {
    name.strip_prefix("r#").unwrap_or(name)
}

/// Returns the fields of columns, each another; a name of `spoken` is taken by SQL in attributes.
pub(super) fn fields(columns: &[&str], spoken: &BTreeSet<String>) -> Vec<String> {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    // A column whose name can stand as it is keeps it, whichever comes first.
    let keeps = |column: &str| field_name(column) == column;
    taken.extend(columns.iter().filter(|column| keeps(column)).map(|column| (*column).to_owned()));
    let mut fields = Vec::with_capacity(columns.len());
    for column in columns {
        let wanted = field_name(column);
        let field = if keeps(column) {
            wanted
        } else {
            // SQL takes SQL names: a field that is spelled as a word of it would be read as a mistake.
            let wanted = if spoken.contains(&wanted) { format!("{wanted}_field") } else { wanted };
            unique(wanted, "_", &mut taken)
        };
        fields.push(if KEYWORDS.contains(&field.as_str()) { format!("r#{field}") } else { field });
    }
    fields
}

/// Returns the names of an enum's variants.
pub(super) fn variants(variants: &[EnumVariant]) -> Vec<String> {
    let mut taken = BTreeSet::from(["Self".to_owned()]);
    variants
        .iter()
        .map(|variant| {
            let name = pascal(&variant.value);
            unique(if name.is_empty() { "Empty".to_owned() } else { name }, "", &mut taken)
        })
        .collect()
}

/// Every identifier in the SQL of the table's attributes, in lower case.
fn spoken_names(table: &Table) -> BTreeSet<String> {
    let checks = table.checks.iter().map(|check| &check.expr);
    let generated = table.columns.iter().filter_map(|column| column.generated.as_ref().map(|it| &it.expr));
    let predicates = table.indexes.iter().filter_map(|index| index.predicate.as_ref());
    let parts = table.indexes.iter().flat_map(|index| &index.columns).filter_map(|part| match &part.term {
        IndexTerm::Expr(expr) => Some(expr),
        IndexTerm::Column(_) => None,
    });
    let all = checks.chain(generated).chain(predicates).chain(parts);
    all.flat_map(|expr| expr.identifiers()).map(|name| lower(&name)).collect()
}

fn lower(name: &str) -> String {
    name.to_ascii_lowercase()
}

fn unique(wanted: String, separator: &str, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2_u32..).map(|number| format!("{wanted}{separator}{number}"));
    let name = std::iter::once(wanted.clone()).chain(numbered).find(|name| !taken.contains(name));
    let name = name.unwrap_or(wanted);
    taken.insert(name.clone());
    name
}

fn field_name(column: &str) -> String {
    let snake = words(column).join("_");
    let starts_as_name = snake.starts_with(|c: char| !c.is_numeric());
    let name = match snake.as_str() {
        "" => "column".to_owned(),
        _ if NEVER.contains(&snake.as_str()) => format!("{snake}_"),
        _ if starts_as_name => snake,
        _ => format!("_{snake}"),
    };
    // `_hidden` is a name as it stands.
    let as_it_is = column.strip_prefix('_').is_some_and(|rest| rest == name);
    if as_it_is { column.to_owned() } else { name }
}

/// A struct is one row, so the last word stands in the singular.
fn struct_name(table: &str) -> String {
    let mut words = words(table);
    if let Some(last) = words.last_mut() {
        *last = singular(last);
    }
    capitalized(&words)
}

fn pascal(name: &str) -> String {
    capitalized(&words(name))
}

fn capitalized(words: &[String]) -> String {
    let mut name = String::new();
    for word in words {
        let mut letters = word.chars();
        // Two numbers beside each other would be another number.
        let runs_together = name.ends_with(char::is_numeric) && word.starts_with(char::is_numeric);
        name.push_str(if runs_together { "_" } else { "" });
        name.extend(letters.next().into_iter().flat_map(char::to_uppercase));
        name.push_str(letters.as_str());
    }
    if name.starts_with(char::is_numeric) { format!("N{name}") } else { name }
}

/// Cuts a name into lower-case words, at what cannot stand in a Rust name and where a capital begins one.
fn words(name: &str) -> Vec<String> {
    let safe: String = name.chars().map(|c| if is_safe(c) { c } else { '_' }).collect();
    snake_case(&safe).split('_').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Letters and digits that can stand anywhere in a Rust name and are not put together from several: ASCII and the
/// common scripts that have them.
fn is_safe(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(c,
            '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{17f}'
            | '\u{391}'..='\u{3a1}' | '\u{3a3}'..='\u{3c9}' | '\u{400}'..='\u{45f}'
            | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{4e00}'..='\u{9fa5}' | '\u{ac00}'..='\u{d7a3}')
}

fn singular(word: &str) -> String {
    if let Some((_, singular)) = SINGULARS.iter().find(|(plural, _)| *plural == word) {
        return (*singular).to_owned();
    }
    let ends_in_one = |endings: &[&str]| endings.iter().any(|ending| word.ends_with(ending));
    if word.chars().count() <= 3 || NO_PLURALS.contains(&word) || ends_in_one(&["ss", "us", "is"]) {
        return word.to_owned();
    }
    if let Some(stem) = word.strip_suffix("ies") {
        return format!("{stem}y");
    }
    if ends_in_one(&["sses", "shes", "ches", "xes", "zzes"]) {
        return word[..word.len() - 2].to_owned();
    }
    word.strip_suffix('s').unwrap_or(word).to_owned()
}

#[cfg(test)]
mod tests {
    use super::{KEYWORDS, fields, struct_name, variants};
    use std::collections::BTreeSet;

    #[test]
    fn structs_stand_in_the_singular() {
        for (table, expected) in [
            ("users", "User"),
            ("user_node_progress", "UserNodeProgress"),
            ("node_contents", "NodeContent"),
            ("categories", "Category"),
            ("branches", "Branch"),
            ("addresses", "Address"),
            ("statuses", "Status"),
            ("status", "Status"),
            ("series", "Series"),
            ("OrderItems", "OrderItem"),
            ("HTTPRequests", "HttpRequest"),
            ("order items!", "OrderItem"),
            ("2fa_codes", "N2faCode"),
            ("people", "Person"),
            ("v1_2_logs", "V1_2Log"),
            ("größen", "Größen"),
        ] {
            assert_eq!(struct_name(table), expected, "{table}");
        }
    }

    #[test]
    fn fields_are_names_and_each_another() {
        let columns = [
            "id",
            "type",
            "self",
            "userName",
            "user_name",
            "2fa",
            "",
            "a b",
            "a-b",
            "_hidden",
            "größe",
            "ID2",
        ];
        let expected = [
            "id",
            "r#type",
            "self_",
            "user_name_2",
            "user_name",
            "_2fa",
            "column",
            "a_b",
            "a_b_2",
            "_hidden",
            "größe",
            "id2",
        ];
        assert_eq!(fields(&columns, &BTreeSet::new()), expected);
        let spoken = BTreeSet::from(["user_name".to_owned()]);
        assert_eq!(fields(&["userName"], &spoken), ["user_name_field"]);
    }

    #[test]
    fn variants_are_names_and_each_another() {
        let values = ["open", "in progress", "in_progress", "", "1", "self"];
        let values: Vec<_> = values.iter().map(|value| (*value).to_owned().into()).collect();
        assert_eq!(variants(&values), ["Open", "InProgress", "InProgress2", "Empty", "N1", "Self2"]);
    }

    #[test]
    fn keywords_are_sorted() {
        assert!(KEYWORDS.is_sorted());
    }
}
