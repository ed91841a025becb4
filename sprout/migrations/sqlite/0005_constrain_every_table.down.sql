-- This file rebuilds a table; run it with `seedbed migrate`. By hand it needs `PRAGMA foreign_keys = OFF` before its
-- transaction, or rows that refer to the table are deleted, and triggers on the table would have to be made again.
-- Drop table "search_entries".
-- hazard: drop-table search_entries: the table and all its rows are dropped
DROP TABLE "search_entries";
--> statement-breakpoint
-- Drop table "node_schedules".
-- hazard: drop-table node_schedules: the table and all its rows are dropped
DROP TABLE "node_schedules";
--> statement-breakpoint
-- Drop table "node_reviews".
-- hazard: drop-table node_reviews: the table and all its rows are dropped
DROP TABLE "node_reviews";
--> statement-breakpoint
-- Rebuild table "users".
-- seedbed: rebuild "users"
-- hazard: rebuild users: the table is copied
CREATE TABLE "__seedbed_new_users" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "email" TEXT NOT NULL,
  "title" TEXT,
  "desc" TEXT,
  "updated_at" TEXT DEFAULT (datetime('now')) NOT NULL,
  "created_at" TEXT DEFAULT (datetime('now')) NOT NULL
);
--> statement-breakpoint
INSERT INTO "__seedbed_new_users" (rowid, "id", "email", "title", "desc", "updated_at", "created_at")
SELECT rowid, "id", "email", "title", "desc", "updated_at", "created_at"
FROM "users";
--> statement-breakpoint
DROP TABLE "users";
--> statement-breakpoint
ALTER TABLE "__seedbed_new_users" RENAME TO "users";
--> statement-breakpoint
CREATE UNIQUE INDEX "users_email_unique" ON "users" ("email");
--> statement-breakpoint
-- Rebuild table "branches".
-- seedbed: rebuild "branches"
-- hazard: rebuild branches: the table is copied
CREATE TABLE "__seedbed_new_branches" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "title" TEXT NOT NULL,
  "user_id" TEXT NOT NULL,
  "created_at" TEXT DEFAULT (datetime('now')) NOT NULL,
  "updated_at" TEXT DEFAULT (datetime('now')) NOT NULL,
  FOREIGN KEY ("user_id") REFERENCES "users" ("id")
);
--> statement-breakpoint
INSERT INTO "__seedbed_new_branches" (rowid, "id", "title", "user_id", "created_at", "updated_at")
SELECT rowid, "id", "title", "user_id", "created_at", "updated_at"
FROM "branches";
--> statement-breakpoint
DROP TABLE "branches";
--> statement-breakpoint
ALTER TABLE "__seedbed_new_branches" RENAME TO "branches";
--> statement-breakpoint
CREATE INDEX "branches_user_id_idx" ON "branches" ("user_id");
--> statement-breakpoint
-- Rebuild table "nodes".
-- seedbed: rebuild "nodes"
-- hazard: rebuild nodes: the table is copied
CREATE TABLE "__seedbed_new_nodes" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "user_id" TEXT NOT NULL,
  "type" TEXT NOT NULL,
  "branch_id" TEXT,
  "parent_id" TEXT,
  "title" TEXT NOT NULL,
  "desc" TEXT,
  "accuracy_score" REAL DEFAULT 0.0 NOT NULL,
  "created_at" TEXT DEFAULT (datetime('now')) NOT NULL,
  "updated_at" TEXT DEFAULT (datetime('now')) NOT NULL,
  FOREIGN KEY ("user_id") REFERENCES "users" ("id"),
  FOREIGN KEY ("branch_id") REFERENCES "branches" ("id"),
  FOREIGN KEY ("parent_id") REFERENCES "nodes" ("id")
);
--> statement-breakpoint
INSERT INTO "__seedbed_new_nodes" (rowid, "id", "user_id", "type", "branch_id", "parent_id", "title", "desc", "accuracy_score", "created_at", "updated_at")
SELECT rowid, "id", "user_id", "type", "branch_id", "parent_id", "title", "desc", "accuracy_score", "created_at", "updated_at"
FROM "nodes";
--> statement-breakpoint
DROP TABLE "nodes";
--> statement-breakpoint
ALTER TABLE "__seedbed_new_nodes" RENAME TO "nodes";
--> statement-breakpoint
CREATE INDEX "nodes_branch_id_idx" ON "nodes" ("branch_id");
--> statement-breakpoint
CREATE INDEX "nodes_parent_id_idx" ON "nodes" ("parent_id");
--> statement-breakpoint
CREATE INDEX "nodes_user_type_idx" ON "nodes" ("user_id", "type");
--> statement-breakpoint
-- Rebuild table "node_edges".
-- seedbed: rebuild "node_edges"
-- hazard: rebuild node_edges: the table is copied
CREATE TABLE "__seedbed_new_node_edges" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "source_node_id" TEXT NOT NULL,
  "target_node_id" TEXT NOT NULL,
  "created_at" TEXT DEFAULT (datetime('now')) NOT NULL,
  FOREIGN KEY ("source_node_id") REFERENCES "nodes" ("id"),
  FOREIGN KEY ("target_node_id") REFERENCES "nodes" ("id")
);
--> statement-breakpoint
INSERT INTO "__seedbed_new_node_edges" (rowid, "id", "source_node_id", "target_node_id", "created_at")
SELECT rowid, "id", "source_node_id", "target_node_id", "created_at"
FROM "node_edges";
--> statement-breakpoint
DROP TABLE "node_edges";
--> statement-breakpoint
ALTER TABLE "__seedbed_new_node_edges" RENAME TO "node_edges";
--> statement-breakpoint
CREATE INDEX "node_edges_source_idx" ON "node_edges" ("source_node_id");
--> statement-breakpoint
CREATE INDEX "node_edges_target_idx" ON "node_edges" ("target_node_id");
--> statement-breakpoint
CREATE UNIQUE INDEX "node_edges_source_target_idx" ON "node_edges" ("source_node_id", "target_node_id");
--> statement-breakpoint
-- Rebuild table "topic_documents".
-- seedbed: rebuild "topic_documents"
-- hazard: rebuild topic_documents: the table is copied
CREATE TABLE "__seedbed_new_topic_documents" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "node_id" TEXT NOT NULL,
  "original_filename" TEXT NOT NULL,
  "s3_key" TEXT NOT NULL,
  "mime_type" TEXT NOT NULL,
  "file_size_bytes" INTEGER NOT NULL,
  "extracted_text" TEXT,
  "extraction_status" TEXT DEFAULT 'pending' NOT NULL,
  "extraction_error" TEXT,
  "created_at" TEXT DEFAULT (datetime('now')) NOT NULL,
  FOREIGN KEY ("node_id") REFERENCES "nodes" ("id")
);
--> statement-breakpoint
INSERT INTO "__seedbed_new_topic_documents" (rowid, "id", "node_id", "original_filename", "s3_key", "mime_type", "file_size_bytes", "extracted_text", "extraction_status", "extraction_error", "created_at")
SELECT rowid, "id", "node_id", "original_filename", "s3_key", "mime_type", "file_size_bytes", "extracted_text", "extraction_status", "extraction_error", "created_at"
FROM "topic_documents";
--> statement-breakpoint
DROP TABLE "topic_documents";
--> statement-breakpoint
ALTER TABLE "__seedbed_new_topic_documents" RENAME TO "topic_documents";
--> statement-breakpoint
CREATE INDEX "topic_documents_node_id_idx" ON "topic_documents" ("node_id");
--> statement-breakpoint
-- Rebuild table "node_contents".
-- seedbed: rebuild "node_contents"
-- hazard: rebuild node_contents: the table is copied
CREATE TABLE "__seedbed_new_node_contents" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "node_id" TEXT NOT NULL,
  "explanation_md" TEXT NOT NULL,
  "visualization_kind" TEXT,
  "visualization_payload" TEXT,
  "generated_by_model" TEXT,
  "generation_prompt_hash" TEXT,
  "status" TEXT DEFAULT 'active' NOT NULL,
  "created_at" TEXT DEFAULT (datetime('now')) NOT NULL,
  "cards" TEXT,
  FOREIGN KEY ("node_id") REFERENCES "nodes" ("id")
);
--> statement-breakpoint
INSERT INTO "__seedbed_new_node_contents" (rowid, "id", "node_id", "explanation_md", "visualization_kind", "visualization_payload", "generated_by_model", "generation_prompt_hash", "status", "created_at", "cards")
SELECT rowid, "id", "node_id", "explanation_md", "visualization_kind", "visualization_payload", "generated_by_model", "generation_prompt_hash", "status", "created_at", "cards"
FROM "node_contents";
--> statement-breakpoint
DROP TABLE "node_contents";
--> statement-breakpoint
ALTER TABLE "__seedbed_new_node_contents" RENAME TO "node_contents";
--> statement-breakpoint
CREATE INDEX "node_contents_node_status_idx" ON "node_contents" ("node_id", "status");
--> statement-breakpoint
-- Rebuild table "node_generations".
-- seedbed: rebuild "node_generations"
-- hazard: rebuild node_generations: the table is copied
CREATE TABLE "__seedbed_new_node_generations" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "node_id" TEXT NOT NULL,
  "trigger" TEXT NOT NULL,
  "model" TEXT,
  "prompt" TEXT,
  "response_meta" TEXT,
  "created_at" TEXT DEFAULT (datetime('now')) NOT NULL,
  FOREIGN KEY ("node_id") REFERENCES "nodes" ("id")
);
--> statement-breakpoint
INSERT INTO "__seedbed_new_node_generations" (rowid, "id", "node_id", "trigger", "model", "prompt", "response_meta", "created_at")
SELECT rowid, "id", "node_id", "trigger", "model", "prompt", "response_meta", "created_at"
FROM "node_generations";
--> statement-breakpoint
DROP TABLE "node_generations";
--> statement-breakpoint
ALTER TABLE "__seedbed_new_node_generations" RENAME TO "node_generations";
--> statement-breakpoint
CREATE INDEX "node_generations_node_created_idx" ON "node_generations" ("node_id", "created_at");
--> statement-breakpoint
-- Rebuild table "assessments".
-- seedbed: rebuild "assessments"
-- hazard: rebuild assessments: the table is copied
CREATE TABLE "__seedbed_new_assessments" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "user_id" TEXT NOT NULL,
  "target_node_id" TEXT NOT NULL,
  "type" TEXT DEFAULT 'diagnostic' NOT NULL,
  "title" TEXT,
  "created_at" TEXT DEFAULT (datetime('now')) NOT NULL,
  "completed_at" TEXT,
  FOREIGN KEY ("user_id") REFERENCES "users" ("id"),
  FOREIGN KEY ("target_node_id") REFERENCES "nodes" ("id")
);
--> statement-breakpoint
INSERT INTO "__seedbed_new_assessments" (rowid, "id", "user_id", "target_node_id", "type", "title", "created_at", "completed_at")
SELECT rowid, "id", "user_id", "target_node_id", "type", "title", "created_at", "completed_at"
FROM "assessments";
--> statement-breakpoint
DROP TABLE "assessments";
--> statement-breakpoint
ALTER TABLE "__seedbed_new_assessments" RENAME TO "assessments";
--> statement-breakpoint
CREATE INDEX "assessments_user_node_type_idx" ON "assessments" ("user_id", "target_node_id", "type");
--> statement-breakpoint
-- Rebuild table "questions".
-- seedbed: rebuild "questions"
-- hazard: rebuild questions: the table is copied
CREATE TABLE "__seedbed_new_questions" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "assessment_id" TEXT NOT NULL,
  "node_id" TEXT,
  "format" TEXT NOT NULL,
  "prompt" TEXT NOT NULL,
  "options" TEXT,
  "correct_answer" TEXT,
  "grading_rubric" TEXT,
  "difficulty" INTEGER DEFAULT 1 NOT NULL,
  "created_at" TEXT DEFAULT (datetime('now')) NOT NULL,
  FOREIGN KEY ("assessment_id") REFERENCES "assessments" ("id"),
  FOREIGN KEY ("node_id") REFERENCES "nodes" ("id")
);
--> statement-breakpoint
INSERT INTO "__seedbed_new_questions" (rowid, "id", "assessment_id", "node_id", "format", "prompt", "options", "correct_answer", "grading_rubric", "difficulty", "created_at")
SELECT rowid, "id", "assessment_id", "node_id", "format", "prompt", "options", "correct_answer", "grading_rubric", "difficulty", "created_at"
FROM "questions";
--> statement-breakpoint
DROP TABLE "questions";
--> statement-breakpoint
ALTER TABLE "__seedbed_new_questions" RENAME TO "questions";
--> statement-breakpoint
CREATE INDEX "questions_assessment_id_idx" ON "questions" ("assessment_id");
--> statement-breakpoint
CREATE INDEX "questions_node_id_idx" ON "questions" ("node_id");
--> statement-breakpoint
-- Rebuild table "answers".
-- seedbed: rebuild "answers"
-- hazard: rebuild answers: the table is copied
CREATE TABLE "__seedbed_new_answers" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "user_id" TEXT NOT NULL,
  "assessment_id" TEXT NOT NULL,
  "question_id" TEXT NOT NULL,
  "answer_text" TEXT,
  "selected_option" TEXT,
  "is_correct" INTEGER,
  "score" REAL,
  "feedback" TEXT,
  "created_at" TEXT DEFAULT (datetime('now')) NOT NULL,
  FOREIGN KEY ("user_id") REFERENCES "users" ("id"),
  FOREIGN KEY ("assessment_id") REFERENCES "assessments" ("id"),
  FOREIGN KEY ("question_id") REFERENCES "questions" ("id")
);
--> statement-breakpoint
INSERT INTO "__seedbed_new_answers" (rowid, "id", "user_id", "assessment_id", "question_id", "answer_text", "selected_option", "is_correct", "score", "feedback", "created_at")
SELECT rowid, "id", "user_id", "assessment_id", "question_id", "answer_text", "selected_option", "is_correct", "score", "feedback", "created_at"
FROM "answers";
--> statement-breakpoint
DROP TABLE "answers";
--> statement-breakpoint
ALTER TABLE "__seedbed_new_answers" RENAME TO "answers";
--> statement-breakpoint
CREATE INDEX "answers_question_id_idx" ON "answers" ("question_id");
--> statement-breakpoint
CREATE INDEX "answers_user_assessment_idx" ON "answers" ("user_id", "assessment_id");
--> statement-breakpoint
-- Rebuild table "user_node_progress".
-- seedbed: rebuild "user_node_progress"
-- hazard: rebuild user_node_progress: the table is copied
CREATE TABLE "__seedbed_new_user_node_progress" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "user_id" TEXT NOT NULL,
  "node_id" TEXT NOT NULL,
  "first_entered_at" TEXT,
  "last_entered_at" TEXT,
  "completed_at" TEXT,
  "mastery_score" REAL DEFAULT 0.0 NOT NULL,
  "attempts_count" INTEGER DEFAULT 0 NOT NULL,
  "has_generated_subnodes" INTEGER DEFAULT FALSE NOT NULL,
  "created_at" TEXT DEFAULT (datetime('now')) NOT NULL,
  "updated_at" TEXT DEFAULT (datetime('now')) NOT NULL,
  FOREIGN KEY ("user_id") REFERENCES "users" ("id"),
  FOREIGN KEY ("node_id") REFERENCES "nodes" ("id")
);
--> statement-breakpoint
INSERT INTO "__seedbed_new_user_node_progress" (rowid, "id", "user_id", "node_id", "first_entered_at", "last_entered_at", "completed_at", "mastery_score", "attempts_count", "has_generated_subnodes", "created_at", "updated_at")
SELECT rowid, "id", "user_id", "node_id", "first_entered_at", "last_entered_at", "completed_at", "mastery_score", "attempts_count", "has_generated_subnodes", "created_at", "updated_at"
FROM "user_node_progress";
--> statement-breakpoint
DROP TABLE "user_node_progress";
--> statement-breakpoint
ALTER TABLE "__seedbed_new_user_node_progress" RENAME TO "user_node_progress";
--> statement-breakpoint
CREATE UNIQUE INDEX "user_node_progress_user_node_idx" ON "user_node_progress" ("user_id", "node_id");
--> statement-breakpoint
CREATE INDEX "user_node_progress_node_mastery_idx" ON "user_node_progress" ("node_id", "mastery_score");
--> statement-breakpoint
-- Rebuild table "chat_sessions".
-- seedbed: rebuild "chat_sessions"
-- hazard: rebuild chat_sessions: the table is copied
CREATE TABLE "__seedbed_new_chat_sessions" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "user_id" TEXT NOT NULL,
  "node_id" TEXT,
  "started_at" TEXT DEFAULT (datetime('now')) NOT NULL,
  "ended_at" TEXT,
  FOREIGN KEY ("user_id") REFERENCES "users" ("id"),
  FOREIGN KEY ("node_id") REFERENCES "nodes" ("id")
);
--> statement-breakpoint
INSERT INTO "__seedbed_new_chat_sessions" (rowid, "id", "user_id", "node_id", "started_at", "ended_at")
SELECT rowid, "id", "user_id", "node_id", "started_at", "ended_at"
FROM "chat_sessions";
--> statement-breakpoint
DROP TABLE "chat_sessions";
--> statement-breakpoint
ALTER TABLE "__seedbed_new_chat_sessions" RENAME TO "chat_sessions";
--> statement-breakpoint
CREATE INDEX "chat_sessions_user_started_idx" ON "chat_sessions" ("user_id", "started_at");
--> statement-breakpoint
CREATE INDEX "chat_sessions_node_started_idx" ON "chat_sessions" ("node_id", "started_at");
--> statement-breakpoint
-- Rebuild table "chat_messages".
-- seedbed: rebuild "chat_messages"
-- hazard: rebuild chat_messages: the table is copied
CREATE TABLE "__seedbed_new_chat_messages" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "session_id" TEXT NOT NULL,
  "user_id" TEXT NOT NULL,
  "role" TEXT NOT NULL,
  "kind" TEXT DEFAULT 'learning' NOT NULL,
  "content" TEXT NOT NULL,
  "was_successful" INTEGER,
  "success_signal" TEXT,
  "created_at" TEXT DEFAULT (datetime('now')) NOT NULL,
  FOREIGN KEY ("session_id") REFERENCES "chat_sessions" ("id"),
  FOREIGN KEY ("user_id") REFERENCES "users" ("id")
);
--> statement-breakpoint
INSERT INTO "__seedbed_new_chat_messages" (rowid, "id", "session_id", "user_id", "role", "kind", "content", "was_successful", "success_signal", "created_at")
SELECT rowid, "id", "session_id", "user_id", "role", "kind", "content", "was_successful", "success_signal", "created_at"
FROM "chat_messages";
--> statement-breakpoint
DROP TABLE "chat_messages";
--> statement-breakpoint
ALTER TABLE "__seedbed_new_chat_messages" RENAME TO "chat_messages";
--> statement-breakpoint
CREATE INDEX "chat_messages_session_created_idx" ON "chat_messages" ("session_id", "created_at");
--> statement-breakpoint
CREATE INDEX "chat_messages_user_successful_idx" ON "chat_messages" ("user_id", "was_successful");
--> statement-breakpoint
-- Rebuild table "hint_events".
-- seedbed: rebuild "hint_events"
-- hazard: rebuild hint_events: the table is copied
CREATE TABLE "__seedbed_new_hint_events" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "user_id" TEXT NOT NULL,
  "node_id" TEXT NOT NULL,
  "session_id" TEXT,
  "request_message_id" TEXT,
  "response_message_id" TEXT,
  "referenced_success_message_ids" TEXT,
  "created_at" TEXT DEFAULT (datetime('now')) NOT NULL,
  FOREIGN KEY ("user_id") REFERENCES "users" ("id"),
  FOREIGN KEY ("node_id") REFERENCES "nodes" ("id"),
  FOREIGN KEY ("session_id") REFERENCES "chat_sessions" ("id"),
  FOREIGN KEY ("request_message_id") REFERENCES "chat_messages" ("id"),
  FOREIGN KEY ("response_message_id") REFERENCES "chat_messages" ("id")
);
--> statement-breakpoint
INSERT INTO "__seedbed_new_hint_events" (rowid, "id", "user_id", "node_id", "session_id", "request_message_id", "response_message_id", "referenced_success_message_ids", "created_at")
SELECT rowid, "id", "user_id", "node_id", "session_id", "request_message_id", "response_message_id", "referenced_success_message_ids", "created_at"
FROM "hint_events";
--> statement-breakpoint
DROP TABLE "hint_events";
--> statement-breakpoint
ALTER TABLE "__seedbed_new_hint_events" RENAME TO "hint_events";
--> statement-breakpoint
CREATE INDEX "hint_events_user_node_created_idx" ON "hint_events" ("user_id", "node_id", "created_at");
