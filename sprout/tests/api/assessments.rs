//! `/api/assessments`: assessments, questions and answers.

use serde_json::{Value, json};

use crate::support::{Reply, Result, TestApp, UNKNOWN, USER, each, keys_in_order};

struct Quiz {
    app: TestApp,
    node: String,
    id: String,
}

impl Quiz {
    async fn new(kind: &str) -> Result<Self> {
        let app = TestApp::new().await?;
        let node = app.node("root", "r", None, None).await?;
        let body = json!({"userId": USER, "targetNodeId": node, "type": kind, "title": "t"});
        let made = app.post("/api/assessments", body).await?;
        assert_eq!(made.status, 201, "{}", made.text);
        let id = made.json()["id"].as_str().ok_or("no id")?.to_owned();
        Ok(Self { app, node, id })
    }

    fn path(&self, under: &str) -> String {
        format!("/api/assessments/{}{under}", self.id)
    }

    async fn ask(&self, format: &str, correct: Option<&str>) -> Result<String> {
        let body = json!({"format": format, "prompt": "?", "options": ["a", "b"], "correctAnswer": correct});
        let made = self.app.post(&self.path("/questions"), body).await?;
        assert_eq!(made.status, 201, "{}", made.text);
        Ok(made.json()["id"].as_str().ok_or("no id")?.to_owned())
    }

    async fn answer(&self, question: &str, mut answer: Value) -> Result<Reply> {
        answer["userId"] = json!(USER);
        answer["questionId"] = json!(question);
        self.app.post(&self.path("/answers"), answer).await
    }

    async fn is_completed(&self) -> Result<bool> {
        Ok(!self.app.get(&self.path("")).await?.json()["completedAt"].is_null())
    }
}

#[tokio::test]
async fn an_assessment_is_made_found_and_changed() -> Result {
    let quiz = Quiz::new("quiz").await?;
    let found = quiz.app.get(&quiz.path("")).await?;
    keys_in_order(&found.text, "id userId targetNodeId type title createdAt completedAt");
    assert_eq!((&found.json()["type"], &found.json()["completedAt"]), (&json!("quiz"), &json!(null)));
    let unchanged = quiz.app.patch(&quiz.path(""), json!({})).await?;
    assert_eq!((unchanged.status.as_u16(), unchanged.json()), (200, found.json()));
    let body = json!({"completedAt": "2026-01-31T14:00:00+02:00", "title": null});
    let changed = quiz.app.patch(&quiz.path(""), body).await?.json();
    assert_eq!(
        (&changed["completedAt"], &changed["title"]),
        (&json!("2026-01-31T12:00:00.000Z"), &json!(null))
    );
    let opened = quiz.app.patch(&quiz.path(""), json!({"completedAt": null})).await?.json();
    assert_eq!(opened["completedAt"], json!(null));
    quiz.app
        .patch(&quiz.path(""), json!({"completedAt": "soon"}))
        .await?
        .refused(400, "completedAt must be a time such as 2026-01-31T12:00:00Z or null");
    for path in
        [format!("/api/assessments?targetNodeId={}", quiz.node), format!("/api/assessments?userId={USER}")]
    {
        assert_eq!(each(&quiz.app.get(&path).await?.json(), "id"), [quiz.id.as_str()], "{path}");
    }
    assert_eq!(quiz.app.get(&format!("/api/assessments?userId={UNKNOWN}")).await?.json(), json!([]));
    Ok(())
}

#[tokio::test]
async fn an_assessment_needs_a_user_and_a_node_that_exist() -> Result {
    let app = TestApp::new().await?;
    app.post("/api/assessments", json!({"userId": USER}))
        .await?
        .refused(400, "userId and targetNodeId are required");
    let refused = app.post("/api/assessments", json!({"userId": UNKNOWN, "targetNodeId": UNKNOWN})).await?;
    refused.refused(400, "userId is the id of no user; targetNodeId is the id of no node");
    app.get(&format!("/api/assessments/{UNKNOWN}")).await?.refused(404, "Assessment not found");
    app.patch(&format!("/api/assessments/{UNKNOWN}"), json!({})).await?.refused(404, "Assessment not found");
    let node = app.node("root", "r", None, None).await?;
    let made =
        app.post("/api/assessments", json!({"userId": USER, "targetNodeId": node, "type": ""})).await?;
    assert_eq!(made.json()["type"], json!("diagnostic"));
    Ok(())
}

#[tokio::test]
async fn a_question_keeps_its_options_as_json_text() -> Result {
    let quiz = Quiz::new("quiz").await?;
    let body = json!({"format": "mcq", "prompt": "p", "nodeId": quiz.node, "options": ["a", "b"],
        "correctAnswer": "a", "gradingRubric": {"x": 1}, "difficulty": 0});
    let made = quiz.app.post(&quiz.path("/questions"), body).await?;
    let question = made.json();
    assert_eq!(question["options"], json!("[\"a\",\"b\"]"));
    assert_eq!((&question["gradingRubric"], &question["difficulty"]), (&json!("{\"x\":1}"), &json!(1)));
    keys_in_order(
        &made.text,
        "id assessmentId nodeId format prompt options correctAnswer gradingRubric difficulty createdAt",
    );
    let path = quiz.path("/questions");
    quiz.app.post(&path, json!({"format": "mcq"})).await?.refused(400, "format and prompt are required");
    quiz.app
        .post(&path, json!({"format": "mcq", "prompt": "p", "difficulty": 6}))
        .await?
        .refused(400, "difficulty must be a whole number from 1 to 5");
    for (options, fault) in [
        (json!("ab"), "options must be an array of texts"),
        (json!(["a", null]), "options[1] must be a text"),
    ] {
        let refused =
            quiz.app.post(&path, json!({"format": "mcq", "prompt": "p", "options": options})).await?;
        refused.refused(400, fault);
        let field = fault.split(' ').next();
        assert_eq!(refused.json()["details"][0]["field"].as_str(), field);
    }
    let nowhere = format!("/api/assessments/{UNKNOWN}/questions");
    quiz.app
        .post(&nowhere, json!({"format": "mcq", "prompt": "p"}))
        .await?
        .refused(404, "Assessment not found");
    assert_eq!(quiz.app.get(&nowhere).await?.json(), json!([]));
    Ok(())
}

#[tokio::test]
async fn a_learners_page_does_not_get_the_right_answers() -> Result {
    let quiz = Quiz::new("quiz").await?;
    quiz.ask("mcq", Some("a")).await?;
    let shown = async |query: &str| -> Result<Value> {
        Ok(quiz.app.get(&format!("{}{query}", quiz.path("/questions"))).await?.json()[0]["correctAnswer"]
            .clone())
    };
    assert_eq!(shown("").await?, json!("a"));
    assert_eq!(shown("?withAnswers=true").await?, json!("a"));
    assert_eq!(shown("?withAnswers=false").await?, json!(null));
    let path = format!("{}?withAnswers=no", quiz.path("/questions"));
    quiz.app.get(&path).await?.refused(400, "withAnswers must be true or false");
    Ok(())
}

#[tokio::test]
async fn a_choice_without_a_score_is_graded() -> Result {
    let quiz = Quiz::new("quiz").await?;
    let question = quiz.ask("mcq", Some("a")).await?;
    let verdict = async |answer: Value| -> Result<(Value, Value)> {
        let made = quiz.answer(&question, answer).await?;
        assert_eq!(made.status, 201, "{}", made.text);
        Ok((made.json()["isCorrect"].clone(), made.json()["score"].clone()))
    };
    assert_eq!(verdict(json!({"selectedOption": "a"})).await?, (json!(true), json!(1.0)));
    assert_eq!(verdict(json!({"selectedOption": "b"})).await?, (json!(false), json!(0.0)));
    assert_eq!(verdict(json!({"selectedOption": "b", "isCorrect": true})).await?, (json!(false), json!(0.0)));
    // Clients of the original grade by themselves.
    assert_eq!(
        verdict(json!({"selectedOption": "b", "isCorrect": false, "score": 0})).await?,
        (json!(false), json!(0.0))
    );
    let open = quiz.ask("open_ended", Some("a")).await?;
    let made = quiz.answer(&open, json!({"answerText": "a", "feedback": ""})).await?;
    assert_eq!((&made.json()["score"], &made.json()["feedback"]), (&json!(null), &json!(null)));
    keys_in_order(
        &made.text,
        "id userId assessmentId questionId answerText selectedOption isCorrect score feedback createdAt",
    );
    quiz.answer(&open, json!({"score": 85})).await?.refused(400, "score must be a number from 0 to 1");
    quiz.answer(&open, json!({"isCorrect": "false"})).await?.refused(400, "isCorrect must be true or false");
    Ok(())
}

#[tokio::test]
async fn the_last_answer_that_is_not_blank_completes() -> Result {
    let quiz = Quiz::new("quiz").await?;
    let (first, second) = (quiz.ask("mcq", Some("a")).await?, quiz.ask("open_ended", None).await?);
    quiz.answer(&first, json!({"selectedOption": "a"})).await?;
    quiz.answer(&second, json!({})).await?;
    quiz.answer(&second, json!({"answerText": "  "})).await?;
    assert!(!quiz.is_completed().await?, "an empty answer is none");
    quiz.answer(&second, json!({"answerText": "x"})).await?;
    assert!(quiz.is_completed().await?);
    let answers = quiz.app.get(&quiz.path("/answers")).await?.json();
    assert_eq!(each(&answers, "questionId"), [&first, &second, &second, &second].map(String::as_str));
    let others = quiz.app.get(&format!("{}?userId={UNKNOWN}", quiz.path("/answers"))).await?;
    assert_eq!(others.json(), json!([]));
    Ok(())
}

#[tokio::test]
async fn an_answer_belongs_to_a_question_of_the_assessment() -> Result {
    let quiz = Quiz::new("quiz").await?;
    quiz.ask("mcq", None).await?;
    let body = json!({"userId": USER, "targetNodeId": quiz.node});
    let other =
        quiz.app.post("/api/assessments", body).await?.json()["id"].as_str().ok_or("no id")?.to_owned();
    let body = json!({"format": "mcq", "prompt": "?"});
    let made = quiz.app.post(&format!("/api/assessments/{other}/questions"), body).await?;
    let foreign = made.json()["id"].as_str().ok_or("no id")?.to_owned();
    quiz.answer(&foreign, json!({"selectedOption": "a"}))
        .await?
        .refused(400, "questionId is the id of no question of this assessment");
    assert_eq!(quiz.app.count("answers").await?, 0);
    quiz.app
        .post(&quiz.path("/answers"), json!({}))
        .await?
        .refused(400, "userId and questionId are required");
    let nowhere = format!("/api/assessments/{UNKNOWN}/answers");
    quiz.app
        .post(&nowhere, json!({"userId": USER, "questionId": foreign}))
        .await?
        .refused(404, "Assessment not found");
    Ok(())
}

#[tokio::test]
async fn a_completed_recall_is_a_review_of_its_node() -> Result {
    let quiz = Quiz::new("recall").await?;
    let question = quiz.ask("mcq", Some("a")).await?;
    quiz.answer(&question, json!({"selectedOption": "a"})).await?;
    let reviews = quiz.app.get(&format!("/api/recall/reviews?userId={USER}")).await?.json();
    assert_eq!((&reviews[0]["nodeId"], &reviews[0]["rating"]), (&json!(quiz.node), &json!(4)));
    assert_eq!(reviews[0]["assessmentId"], json!(quiz.id));
    // Another answer to what is complete is no second review.
    quiz.answer(&question, json!({"selectedOption": "b"})).await?;
    assert_eq!(quiz.app.count("node_reviews").await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_quiz_says_how_well_its_node_is_mastered() -> Result {
    let quiz = Quiz::new("quiz").await?;
    let questions = [quiz.ask("mcq", Some("a")).await?, quiz.ask("mcq", Some("a")).await?];
    let progress = async || -> Result<Value> {
        Ok(quiz.app.get(&format!("/api/progress?userId={USER}&nodeId={}", quiz.node)).await?.json()[0]
            .clone())
    };
    quiz.app.post("/api/progress", json!({"userId": USER, "nodeId": quiz.node})).await?;
    quiz.answer(&questions[0], json!({"selectedOption": "b"})).await?;
    assert_eq!(progress().await?["masteryScore"].as_f64(), Some(0.0));
    quiz.answer(&questions[1], json!({"selectedOption": "a"})).await?;
    assert_eq!(
        (&progress().await?["masteryScore"], &progress().await?["completedAt"]),
        (&json!(0.5), &json!(null))
    );
    // An early wrong answer does not weigh for ever.
    quiz.answer(&questions[0], json!({"selectedOption": "a"})).await?;
    let mastered = progress().await?;
    assert_eq!((mastered["masteryScore"].as_f64(), &mastered["attemptsCount"]), (Some(1.0), &json!(1)));
    assert!(mastered["completedAt"].is_string(), "{mastered}");
    quiz.answer(&questions[0], json!({"selectedOption": "b"})).await?;
    assert_eq!(progress().await?["completedAt"], mastered["completedAt"], "what was completed stays so");
    let overview = quiz.app.get(&format!("/api/progress/overview?userId={USER}")).await?.json();
    let expected = json!({"overallLevel": "intermediate", "averageMastery": 0.5, "totalTrackedNodes": 1, "totalCompleted": 1});
    assert_eq!(overview, expected);
    Ok(())
}

#[tokio::test]
async fn a_diagnostic_measures_and_changes_nothing() -> Result {
    let quiz = Quiz::new("diagnostic").await?;
    let question = quiz.ask("mcq", Some("a")).await?;
    quiz.answer(&question, json!({"selectedOption": "a"})).await?;
    assert!(quiz.is_completed().await?);
    assert_eq!(quiz.app.count("user_node_progress").await?, 0);
    Ok(())
}

#[tokio::test]
async fn an_assessment_is_summed_up() -> Result {
    let quiz = Quiz::new("quiz").await?;
    let (first, _) = (quiz.ask("mcq", Some("a")).await?, quiz.ask("open_ended", None).await?);
    quiz.answer(&first, json!({"selectedOption": "a", "feedback": "good"})).await?;
    let path = quiz.path("/summary");
    let summary = quiz.app.get(&format!("{path}?userId={USER}")).await?.json();
    assert_eq!((&summary["answeredCount"], &summary["totalQuestions"]), (&json!(1), &json!(2)));
    assert_eq!((&summary["overallScore"], &summary["isComplete"]), (&json!(1.0), &json!(false)));
    assert_eq!((&summary["strengths"], &summary["gaps"]), (&json!(["?"]), &json!([])));
    assert_eq!(
        (&summary["items"][0]["studentAnswer"], &summary["items"][0]["feedback"]),
        (&json!("a"), &json!("good"))
    );
    assert_eq!(summary["items"][1]["score"], json!(null));
    quiz.app.get(&path).await?.refused(400, "userId query param required");
    quiz.app
        .get(&format!("/api/assessments/{UNKNOWN}/summary?userId={USER}"))
        .await?
        .refused(404, "Assessment not found");
    Ok(())
}

#[tokio::test]
async fn a_recall_is_reviewed_when_its_score_is_known() -> Result {
    let quiz = Quiz::new("recall").await?;
    let question = quiz.ask("open_ended", None).await?;
    quiz.answer(&question, json!({"answerText": "x"})).await?;
    assert!(quiz.is_completed().await?);
    assert_eq!(quiz.app.count("node_reviews").await?, 0, "nobody has judged it yet");
    quiz.answer(&question, json!({"answerText": "x", "score": 0.8})).await?;
    assert_eq!(quiz.app.count("node_reviews").await?, 1);
    quiz.app.patch(&quiz.path(""), json!({"completedAt": null})).await?;
    quiz.answer(&question, json!({"answerText": "x", "score": 0.1})).await?;
    assert_eq!(quiz.app.count("node_reviews").await?, 1, "one assessment is one review");
    Ok(())
}

#[tokio::test]
async fn only_who_is_asked_answers() -> Result {
    let quiz = Quiz::new("quiz").await?;
    let question = quiz.ask("mcq", Some("a")).await?;
    quiz.app.sql("INSERT INTO users (id, email) VALUES ('other', 'other@example.org')").await?;
    let body = json!({"userId": "other", "questionId": question, "selectedOption": "a"});
    quiz.app.post(&quiz.path("/answers"), body).await?.refused(400, "userId is not the user who is asked");
    assert!(!quiz.is_completed().await?);
    Ok(())
}

#[tokio::test]
async fn a_summary_tells_what_is_right_after_the_answer() -> Result {
    let quiz = Quiz::new("quiz").await?;
    let question = quiz.ask("mcq", Some("a")).await?;
    let path = format!("{}?userId={USER}", quiz.path("/summary"));
    let right = async || -> Result<Value> {
        Ok(quiz.app.get(&path).await?.json()["items"][0]["correctAnswer"].clone())
    };
    assert_eq!(right().await?, json!(null));
    quiz.answer(&question, json!({"selectedOption": "b"})).await?;
    assert_eq!(right().await?, json!("a"));
    Ok(())
}
