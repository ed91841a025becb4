//! The snapshot file: what its text looks like, that it is small, that it gives the same schema back, and the words
//! for files that are not ours.

use seedbed_schema::model::*;
use seedbed_schema::snapshot::{Snapshot, parse, render};
use seedbed_schema::sql::SqlExpr;

/// Sprout's tables: `name type[?][=default][>table]` for each column, then `|` and the indexes, `!` for unique.
const SPROUT: &[(&str, &str)] = &[
    ("users", "id T,email T,title T?,desc T?,updated_at T=ts,created_at T=ts|!users_email_unique(email)"),
    (
        "branches",
        "id T,title T,user_id T>users,created_at T=ts,updated_at T=ts|branches_user_id_idx(user_id)",
    ),
    (
        "nodes",
        "id T,user_id T>users,type T,branch_id T?>branches,parent_id T?>nodes,title T,desc T?,accuracy_score R=0,\
         created_at T=ts,updated_at T=ts|nodes_user_type_idx(user_id type);nodes_branch_id_idx(branch_id);\
         nodes_parent_id_idx(parent_id)",
    ),
    (
        "node_edges",
        "id T,source_node_id T>nodes,target_node_id T>nodes,created_at T=ts|\
         node_edges_source_idx(source_node_id);node_edges_target_idx(target_node_id);\
         !node_edges_source_target_idx(source_node_id target_node_id)",
    ),
    (
        "topic_documents",
        "id T,node_id T>nodes,original_filename T,s3_key T,mime_type T,file_size_bytes I,extracted_text T?,\
         extraction_status T='pending,extraction_error T?,created_at T=ts|topic_documents_node_id_idx(node_id)",
    ),
    (
        "node_contents",
        "id T,node_id T>nodes,explanation_md T,visualization_kind T?,visualization_payload T?,\
         generated_by_model T?,generation_prompt_hash T?,status T='active,created_at T=ts,cards T?|\
         node_contents_node_status_idx(node_id status)",
    ),
    (
        "node_generations",
        "id T,node_id T>nodes,trigger T,model T?,prompt T?,response_meta T?,created_at T=ts|\
         node_generations_node_created_idx(node_id created_at)",
    ),
    (
        "assessments",
        "id T,user_id T>users,target_node_id T>nodes,type T='diagnostic,title T?,created_at T=ts,completed_at T?|\
         assessments_user_node_type_idx(user_id target_node_id type)",
    ),
    (
        "questions",
        "id T,assessment_id T>assessments,node_id T?>nodes,format T,prompt T,options T?,correct_answer T?,\
         grading_rubric T?,difficulty I=1,created_at T=ts|questions_assessment_id_idx(assessment_id);\
         questions_node_id_idx(node_id)",
    ),
    (
        "answers",
        "id T,user_id T>users,assessment_id T>assessments,question_id T>questions,answer_text T?,\
         selected_option T?,is_correct I?,score R?,feedback T?,created_at T=ts|\
         answers_user_assessment_idx(user_id assessment_id);answers_question_id_idx(question_id)",
    ),
    (
        "user_node_progress",
        "id T,user_id T>users,node_id T>nodes,first_entered_at T?,last_entered_at T?,completed_at T?,\
         mastery_score R=0,attempts_count I=0,has_generated_subnodes I=0,created_at T=ts,updated_at T=ts|\
         !user_node_progress_user_node_idx(user_id node_id);\
         user_node_progress_node_mastery_idx(node_id mastery_score)",
    ),
    (
        "chat_sessions",
        "id T,user_id T>users,node_id T?>nodes,started_at T=ts,ended_at T?|\
         chat_sessions_user_started_idx(user_id started_at);chat_sessions_node_started_idx(node_id started_at)",
    ),
    (
        "chat_messages",
        "id T,session_id T>chat_sessions,user_id T>users,role T,kind T='learning,content T,was_successful I?,\
         success_signal T?,created_at T=ts|chat_messages_session_created_idx(session_id created_at);\
         chat_messages_user_successful_idx(user_id was_successful)",
    ),
    (
        "hint_events",
        "id T,user_id T>users,node_id T>nodes,session_id T?>chat_sessions,request_message_id T?>chat_messages,\
         response_message_id T?>chat_messages,referenced_success_message_ids T?,created_at T=ts|\
         hint_events_user_node_created_idx(user_id node_id created_at)",
    ),
];

fn sprout() -> Schema {
    let tables = SPROUT.iter().map(|(name, text)| table(name, text)).collect();
    Schema { tables, ..Schema::default() }
}

fn table(name: &str, text: &str) -> Table {
    let (columns, indexes) = text.split_once('|').expect("a well-formed table");
    let mut table = Table { name: name.to_owned(), ..Table::default() };
    table.primary_key = Some(PrimaryKey { columns: vec![KeyColumn::new("id")], ..PrimaryKey::default() });
    for column in columns.split(',') {
        let (column, target) = column.split_once('>').map_or((column, None), |(a, b)| (a, Some(b)));
        let (column, default) = column.split_once('=').map_or((column, None), |(a, b)| (a, Some(b)));
        let (name, sql_type) = column.split_once(' ').expect("a well-formed table");
        let form = match name {
            "is_correct" | "was_successful" | "has_generated_subnodes" => StoredForm::Bool,
            _ => StoredForm::Plain,
        };
        table.columns.push(Column {
            name: name.to_owned(),
            column_type: ColumnType::new(match sql_type.trim_end_matches('?') {
                "T" => "TEXT",
                "I" => "INTEGER",
                _ => "REAL",
            }),
            form,
            nullable: sql_type.ends_with('?'),
            default: default.map(|text| match (text, text.strip_prefix('\'')) {
                ("ts", _) => DefaultValue::Expr(SqlExpr::new("datetime('now')")),
                (_, Some(text)) => DefaultValue::Text(text.to_owned()),
                (number, None) => DefaultValue::Integer(number.parse().expect("a well-formed table")),
            }),
            ..Column::default()
        });
        if let Some(target) = target {
            table.foreign_keys.push(ForeignKey {
                columns: vec![name.to_owned()],
                referenced_table: target.to_owned(),
                referenced_columns: vec!["id".to_owned()],
                ..ForeignKey::default()
            });
        }
    }
    for index in indexes.split(';') {
        let (name, columns) = index
            .strip_suffix(')')
            .expect("a well-formed table")
            .split_once('(')
            .expect("a well-formed table");
        table.indexes.push(Index {
            name: name.trim_start_matches('!').to_owned(),
            columns: columns.split(' ').map(IndexColumn::new).collect(),
            unique: name.starts_with('!'),
            predicate: None,
        });
    }
    table
}

/// A table that uses everything the model has.
fn rich() -> Schema {
    let column = |name: &str, column_type: &str| Column {
        name: name.to_owned(),
        column_type: ColumnType::new(column_type),
        ..Column::default()
    };
    let variant = |value: &str| EnumVariant { value: value.to_owned(), renamed_from: None };
    let key = |name: &str, descending, collation: Option<&str>| KeyColumn {
        name: name.to_owned(),
        descending,
        collation: collation.map(str::to_owned),
    };
    let columns = vec![
        Column { default: Some(DefaultValue::Null), nullable: true, ..column("a b", "") },
        Column { default: Some(DefaultValue::Bool(true)), form: StoredForm::Bool, ..column("b", "INTEGER") },
        Column { default: Some(DefaultValue::Integer(i64::MIN)), ..column("c", "INTEGER") },
        Column { default: Some(DefaultValue::Real(0.1 + 0.2)), ..column("d", "REAL") },
        Column { default: Some(DefaultValue::Real(f64::MAX)), ..column("e", "double precision") },
        Column { default: Some(DefaultValue::Real(f64::NEG_INFINITY)), ..column("e2", "text") },
        Column {
            default: Some(DefaultValue::Text("it's\n\"x\" \0 \u{1f331}".to_owned())),
            collation: Some("NOCASE".to_owned()),
            ..column("f", "varchar(20)")
        },
        Column { default: Some(DefaultValue::Blob(vec![0, 255])), ..column("g", "BLOB") },
        Column { form: StoredForm::TextEnum(vec![variant("x"), variant("y z")]), ..column("h", "TEXT") },
        Column { form: StoredForm::UnixMilliseconds, ..column("i", "INTEGER") },
        Column {
            generated: Some(Generated { expr: SqlExpr::new("c + 1"), stored: true }),
            ..column("j", "INTEGER")
        },
    ];
    let foreign_key = ForeignKey {
        name: Some("fk".to_owned()),
        columns: vec!["b".to_owned(), "c".to_owned()],
        referenced_table: "other".to_owned(),
        referenced_columns: vec!["x".to_owned(), "y".to_owned()],
        on_delete: Action::SetNull,
        on_update: Action::Cascade,
        deferred: true,
    };
    let index = Index {
        name: "i".to_owned(),
        columns: vec![
            IndexColumn {
                term: IndexTerm::Expr(SqlExpr::new("coalesce(b, ';,')")),
                descending: true,
                collation: Some("RTRIM".to_owned()),
            },
            IndexColumn::new("order"),
        ],
        unique: true,
        predicate: Some(SqlExpr::new("c > 0")),
    };
    let table = Table {
        name: "odd \"name\"".to_owned(),
        columns,
        primary_key: Some(PrimaryKey {
            name: Some("pk".to_owned()),
            columns: vec![key("b", true, None), key("order", false, Some("NOCASE"))],
            autoincrement: true,
        }),
        uniques: vec![Unique { name: None, columns: vec![key("c", false, None)] }],
        foreign_keys: vec![foreign_key],
        checks: vec![
            Check { name: Some("k".to_owned()), expr: SqlExpr::new("c <> ';'") },
            Check { name: None, expr: SqlExpr::new("d > 0") },
        ],
        indexes: vec![index],
        strict: true,
        without_rowid: true,
        ..Table::default()
    };
    let view = View {
        name: "v".to_owned(),
        definition: SqlExpr::new("SELECT b FROM t"),
        columns: vec!["x".to_owned()],
    };
    let trigger = Trigger {
        name: "touch".to_owned(),
        table: "everything".to_owned(),
        definition: "AFTER INSERT ON everything BEGIN SELECT 1; END".into(),
    };
    let empty = Table { name: "empty".to_owned(), ..Table::default() };
    Schema { tables: vec![table, empty], views: vec![view], triggers: vec![trigger] }
}

#[test]
fn sprouts_fourteen_tables_fit_into_nine_kilobytes() {
    let schema = sprout();
    let count = |of: fn(&Table) -> usize| schema.tables.iter().map(of).sum::<usize>();
    assert_eq!(schema.tables.len(), 14);
    assert_eq!(count(|table| table.columns.len()), 112);
    assert_eq!(count(|table| table.foreign_keys.len()), 27);
    assert_eq!(count(|table| table.indexes.len()), 23);

    let text = render(&Snapshot::new(Dialect::Sqlite, Some("0123456789abcdef0123456789abcdef"), schema));
    assert!(text.len() <= 9_000, "{} bytes\n{text}", text.len());
}

#[test]
fn a_snapshot_has_one_line_for_each_part() {
    let schema = Schema { tables: sprout().tables.drain(..2).collect(), ..Schema::default() };
    let text = render(&Snapshot { id: "ID".to_owned(), ..Snapshot::new(Dialect::Sqlite, None, schema) });
    let expected = r#"{"version":1,"tool":"seedbed","dialect":"sqlite","id":"ID","schema":{"tables":[
{"name":"users","columns":[
{"name":"id"},
{"name":"email"},
{"name":"title","null":true},
{"name":"desc","null":true},
{"name":"updated_at","default":{"expr":"datetime('now')"}},
{"name":"created_at","default":{"expr":"datetime('now')"}}
],"pk":{"columns":["id"]},"indexes":[
{"name":"users_email_unique","on":["email"],"unique":true}
]},
{"name":"branches","columns":[
{"name":"id"},
{"name":"title"},
{"name":"user_id"},
{"name":"created_at","default":{"expr":"datetime('now')"}},
{"name":"updated_at","default":{"expr":"datetime('now')"}}
],"pk":{"columns":["id"]},"fks":[
{"from":["user_id"],"to":"users","at":["id"]}
],"indexes":[
{"name":"branches_user_id_idx","on":["user_id"]}
]}
]}}
"#;
    assert_eq!(text, expected);
}

#[test]
fn what_was_written_is_read_back_the_same() {
    for schema in [sprout(), rich(), Schema::default()] {
        for prev_id in [None, Some("abc")] {
            let snapshot = Snapshot::new(Dialect::Sqlite, prev_id, schema.clone());
            assert_eq!(parse(&render(&snapshot)).unwrap(), snapshot);
        }
    }
}

#[test]
fn the_id_follows_from_the_schema_and_the_snapshot_before() {
    let id = |prev_id, schema| Snapshot::new(Dialect::Sqlite, prev_id, schema).id;
    assert_eq!(id(None, sprout()), id(None, sprout()));
    assert_ne!(id(None, sprout()), id(None, rich()));
    assert_ne!(id(None, sprout()), id(Some("a"), sprout()));
    assert_eq!(id(None, sprout()).len(), 32);
}

#[test]
fn unknown_fields_are_refused_with_their_place() {
    let text = render(&Snapshot::new(Dialect::Sqlite, None, sprout()));
    let error = parse(&text.replacen("\"null\":true", "\"nul\":true", 1)).unwrap_err();
    assert_eq!(error.place().map(|(line, _)| line), Some(5));
    assert!(error.to_string().contains("unknown field `nul`"), "{error}");

    let error = parse(&text[..text.len() / 2]).unwrap_err();
    assert!(error.place().is_some(), "{error}");
    assert!(error.hint().is_some());
}

#[test]
fn a_snapshot_of_drizzle_is_named_as_such() {
    for text in [
        r#"{"version":"6","dialect":"sqlite","id":"x","prevId":"y","tables":{}}"#,
        r#"{"version":"7","dialect":"sqlite","id":"x","prevIds":[],"ddl":[]}"#,
    ] {
        let error = parse(text).unwrap_err();
        assert!(error.is_drizzle(), "{error}");
        assert!(error.hint().unwrap().contains("seedbed adopt"));
    }
}

#[test]
fn a_snapshot_of_a_newer_or_another_tool_is_named_as_such() {
    let text = render(&Snapshot::new(Dialect::Sqlite, None, Schema::default()));
    let error = parse(&text.replacen("\"version\":1", "\"version\":2,\"news\":[]", 1)).unwrap_err();
    assert!(error.is_newer() && error.to_string().contains("version 2"), "{error}");
    let error = parse(&text.replace("seedbed", "weeds")).unwrap_err();
    assert!(error.to_string().contains("`weeds`"), "{error}");
    for text in ["{}", r#"{"tool":"seedbed"}"#, r#"{"version":"1","tool":"seedbed"}"#] {
        assert!(parse(text).is_err(), "{text}");
    }
}
