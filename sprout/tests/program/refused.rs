//! Files that are not imported: each is told by what is wrong where, and nothing of it stays.

use std::fs;

use serde_json::{Value, json};

use crate::Result;
use crate::home::Home;
use crate::import::in_order;
use crate::sample;

/// Checks that a file is refused, that this is said of it, and that nothing has changed.
#[track_caller]
fn refused(home: &Home, file: &str, said: &[&str]) {
    let attempt = || -> Result<String> {
        let before = home.contents()?;
        fs::write(home.path("t.json"), file)?;
        let ran = home.sprout(&["import", "t.json"])?;
        assert_eq!(
            (ran.code, ran.stdout.as_str(), home.contents()?),
            (Some(1), "", before),
            "{}",
            ran.stderr
        );
        Ok(ran.stderr)
    };
    let stderr = attempt().expect("the program runs");
    assert!(stderr.starts_with("error: `t.json` cannot be imported: "), "{stderr}");
    for said in said {
        assert!(stderr.contains(said), "{said} is not in {stderr}");
    }
}

/// An export with two nodes and a document, to be spoilt.
fn export(home: &Home) -> Result<Value> {
    let branch = sample::branch(home, 7)?;
    let mut export = home.exported(&branch)?;
    let mut node = export["nodes"][0].clone();
    node["id"] = json!("second");
    node["parentId"] = json!("node-7-0");
    export["nodes"].as_array_mut().ok_or("no nodes")?.push(node);
    export["edges"] = json!([
        {"id": "e", "sourceNodeId": "node-7-0", "targetNodeId": "second", "createdAt": "2026-01-31T12:00:00.000Z"},
    ]);
    export["documents"] = json!([{
        "id": "d", "nodeId": "second", "originalFilename": "a.txt", "mimeType": "text/plain", "fileSizeBytes": 3,
        "extractedText": "abc", "extractionStatus": "completed", "extractionError": null,
        "createdAt": "2026-01-31T12:00:00.000Z", "content": "YWJj",
    }]);
    Ok(export)
}

#[test]
fn a_value_that_is_wrong_is_named_with_its_place() -> Result {
    let home = Home::new()?;
    let good = export(&home)?;
    for (pointer, value, said) in [
        ("/sprout/format", json!(2), "the file has the format 2, and this Sprout reads 1"),
        ("/sprout/format", json!("1"), "sprout.format: invalid type: string \"1\", expected u32 at line 1"),
        ("/branch/color", json!("red"), "branch.color: unknown field `color`, expected one of `id`, `title`"),
        (
            "/branch/createdAt",
            json!("2026-01-31"),
            "`2026-01-31` is no time such as `2026-01-31T12:00:00.000Z`",
        ),
        (
            "/branch/createdAt",
            json!("2026-02-30T12:00:00.000Z"),
            "branch.createdAt: `2026-02-30T12:00:00.000Z`",
        ),
        (
            "/nodes/0/title",
            json!(5),
            "nodes[0].title: invalid type: integer `5`, expected a string at line 3 column",
        ),
        ("/nodes/0/type", json!("leaf"), "nodes[0].type: unknown variant `leaf`, expected one of `root`"),
        ("/nodes/0/accuracyScore", json!(1.5), "\n  nodes[0].accuracyScore: 1.5 is not from 0 to 1\n"),
        ("/nodes/0/branchId", json!("x"), "nodes[0].branchId: is not the id of the branch"),
        ("/nodes/0/branchId", json!(null), "nodes[0].branchId: is empty, and the node is under no other"),
        ("/nodes/0/parentId", json!("second"), "nodes: they make a circle: `"),
        ("/nodes/1/id", json!("node-7-0"), "nodes[1].id: `node-7-0` is there already"),
        ("/edges/0/targetNodeId", json!("node-7-0"), "edges: they make a circle: `node-7-0` → `node-7-0`"),
        ("/edges/0/targetNodeId", json!("x"), "edges[0].targetNodeId: `x` is the id of no node in the file"),
        ("/contents/0/cards", json!("{"), "contents[0].cards: the text in it is not JSON"),
        ("/questions/0/difficulty", json!(6), "questions[0].difficulty: 6 is not from 1 to 5"),
        (
            "/answers/0/questionId",
            json!("x"),
            "answers[0].questionId: `x` is the id of no question in the file",
        ),
        ("/progress/0/attemptsCount", json!(-1), "progress[0].attemptsCount: -1 is not from 0"),
        ("/sessions/0/nodeId", json!(null), "sessions[0].nodeId: is empty"),
        ("/hints/0/sessionId", json!("x"), "hints[0].sessionId: `x` is the id of no session in the file"),
        ("/reviews/0/stability", json!(0.0), "reviews[0].stability: 0 is not from"),
        ("/schedules/0/lapses", json!(9), "schedules[0].lapses: 9 is not from 0 to 5"),
        ("/documents/0/content", json!("YW*j"), "documents[0].content: not base64: "),
        ("/documents/0/content", json!("iVBORw0KGgoA"), "fileSizeBytes is 3, and the content has 9 bytes"),
        ("/documents/0/content", json!("H4sI"), "Unsupported file type: the file is"),
        ("/documents/0/s3Key", json!("../x"), "documents[0].s3Key: unknown field `s3Key`"),
    ] {
        let mut bad = good.clone();
        let (parent, field) = pointer.rsplit_once('/').ok_or("no field")?;
        bad.pointer_mut(parent).ok_or("no such place")?[field] = value;
        refused(&home, &in_order(&bad), &[said]);
    }
    Ok(())
}

#[test]
fn all_that_is_wrong_is_said_at_once_up_to_a_number() -> Result {
    let home = Home::new()?;
    let mut bad = export(&home)?;
    bad["edges"] = (0..30)
        .map(|number| {
            json!({"id": format!("e{number}"), "sourceNodeId": format!("x{number}"), "targetNodeId": "second",
                "createdAt": "2026-01-31T12:00:00.000Z"})
        })
        .collect();
    refused(
        &home,
        &in_order(&bad),
        &["\n  edges[0].sourceNodeId: `x0` is", "\n  edges[19].sourceNodeId", "\n  and 10 more\n"],
    );
    Ok(())
}

#[test]
fn a_file_that_is_no_export_or_not_a_whole_one_is_told_apart() -> Result {
    let home = Home::new()?;
    let good = in_order(&export(&home)?);
    for length in [0, 1, 10, good.len() / 3, good.len() / 2, good.len() - 1] {
        let end = good.floor_char_boundary(length);
        refused(
            &home,
            &good[..end],
            &["EOF while parsing", "hint: nothing was imported; `sprout export` writes"],
        );
    }
    refused(&home, "{}", &["the file does not begin with `sprout`, so it is no exported branch"]);
    refused(&home, "[1]", &["expected an exported branch"]);
    refused(&home, "\u{feff}{}", &["line 1 column 1"]);
    refused(&home, &format!("{good} x"), &["trailing characters"]);
    refused(&home, &good.replacen("\"edges\"", "\"edgez\"", 1), &["unknown field `edgez`"]);
    refused(&home, &good.replacen("\"edges\"", "\"hints\"", 1), &["`edges` has to come before `hints`"]);
    refused(
        &home,
        &good.replacen("\"title\":", "\"title\":\"a\",\"title\":", 1),
        &["duplicate field `title`"],
    );
    let newer = good.replacen("\"format\":1,\"version\":\"0.1.0\"", "\"format\":3,\"version\":\"9.0\"", 1);
    refused(
        &home,
        &newer,
        &["hint: it was written by Sprout 9.0; import it with that version or a newer one\n"],
    );

    home.sprout(&["import", "none.json"])?
        .refused("error: cannot read `none.json`: No such file or directory (os error 2)\n");
    home.sprout(&["import", "."])?.refused(
        "error: `.` is no file\nhint: an import reads its file twice, so it cannot come through a pipe\n",
    );
    Ok(())
}

#[test]
fn a_storage_that_takes_nothing_leaves_the_database_as_it_was() -> Result {
    let home = Home::new()?;
    let good = in_order(&export(&home)?);
    fs::write(home.path("file"), "")?;
    fs::write(home.path("t.json"), good)?;
    let before = home.contents()?;
    let output = home.command(&["import", "t.json"]).env("DOCUMENTS_PATH", "file/documents").output()?;
    let said = String::from_utf8(output.stderr)?;
    assert!(
        said.ends_with(
            "error: `t.json` cannot be imported: The document storage cannot be used at the moment\n"
        ),
        "{said}"
    );
    // What could not be removed either is tried again when the server starts.
    home.db()?.execute_batch("DELETE FROM object_removals")?;
    assert_eq!((output.status.code(), home.contents()?), (Some(1), before));
    Ok(())
}
