-- Create table "users".
CREATE TABLE "users" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "email" TEXT NOT NULL,
  "title" TEXT,
  "desc" TEXT,
  "updated_at" TEXT DEFAULT (datetime('now')) NOT NULL,
  "created_at" TEXT DEFAULT (datetime('now')) NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX "users_email_unique" ON "users" ("email");
--> statement-breakpoint
-- Create table "branches".
CREATE TABLE "branches" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "title" TEXT NOT NULL,
  "user_id" TEXT NOT NULL,
  "created_at" TEXT DEFAULT (datetime('now')) NOT NULL,
  "updated_at" TEXT DEFAULT (datetime('now')) NOT NULL,
  FOREIGN KEY ("user_id") REFERENCES "users" ("id")
);
--> statement-breakpoint
CREATE INDEX "branches_user_id_idx" ON "branches" ("user_id");
--> statement-breakpoint
-- Create table "nodes".
CREATE TABLE "nodes" (
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
CREATE INDEX "nodes_branch_id_idx" ON "nodes" ("branch_id");
--> statement-breakpoint
CREATE INDEX "nodes_parent_id_idx" ON "nodes" ("parent_id");
--> statement-breakpoint
CREATE INDEX "nodes_user_type_idx" ON "nodes" ("user_id", "type");
--> statement-breakpoint
-- Create table "node_contents".
CREATE TABLE "node_contents" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "node_id" TEXT NOT NULL,
  "explanation_md" TEXT NOT NULL,
  "visualization_kind" TEXT,
  "visualization_payload" TEXT,
  "generated_by_model" TEXT,
  "generation_prompt_hash" TEXT,
  "status" TEXT DEFAULT 'active' NOT NULL,
  "created_at" TEXT DEFAULT (datetime('now')) NOT NULL,
  FOREIGN KEY ("node_id") REFERENCES "nodes" ("id")
);
--> statement-breakpoint
CREATE INDEX "node_contents_node_status_idx" ON "node_contents" ("node_id", "status");
--> statement-breakpoint
-- Create table "node_generations".
CREATE TABLE "node_generations" (
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
CREATE INDEX "node_generations_node_created_idx" ON "node_generations" ("node_id", "created_at");
--> statement-breakpoint
-- Create table "assessments".
CREATE TABLE "assessments" (
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
CREATE INDEX "assessments_user_node_type_idx" ON "assessments" ("user_id", "target_node_id", "type");
--> statement-breakpoint
-- Create table "questions".
CREATE TABLE "questions" (
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
CREATE INDEX "questions_assessment_id_idx" ON "questions" ("assessment_id");
--> statement-breakpoint
CREATE INDEX "questions_node_id_idx" ON "questions" ("node_id");
--> statement-breakpoint
-- Create table "answers".
CREATE TABLE "answers" (
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
CREATE INDEX "answers_question_id_idx" ON "answers" ("question_id");
--> statement-breakpoint
CREATE INDEX "answers_user_assessment_idx" ON "answers" ("user_id", "assessment_id");
--> statement-breakpoint
-- Create table "user_node_progress".
CREATE TABLE "user_node_progress" (
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
CREATE UNIQUE INDEX "user_node_progress_user_node_idx" ON "user_node_progress" ("user_id", "node_id");
--> statement-breakpoint
CREATE INDEX "user_node_progress_node_mastery_idx" ON "user_node_progress" ("node_id", "mastery_score");
--> statement-breakpoint
-- Create table "chat_sessions".
CREATE TABLE "chat_sessions" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "user_id" TEXT NOT NULL,
  "node_id" TEXT,
  "started_at" TEXT DEFAULT (datetime('now')) NOT NULL,
  "ended_at" TEXT,
  FOREIGN KEY ("user_id") REFERENCES "users" ("id"),
  FOREIGN KEY ("node_id") REFERENCES "nodes" ("id")
);
--> statement-breakpoint
CREATE INDEX "chat_sessions_user_started_idx" ON "chat_sessions" ("user_id", "started_at");
--> statement-breakpoint
CREATE INDEX "chat_sessions_node_started_idx" ON "chat_sessions" ("node_id", "started_at");
--> statement-breakpoint
-- Create table "chat_messages".
CREATE TABLE "chat_messages" (
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
CREATE INDEX "chat_messages_session_created_idx" ON "chat_messages" ("session_id", "created_at");
--> statement-breakpoint
CREATE INDEX "chat_messages_user_successful_idx" ON "chat_messages" ("user_id", "was_successful");
--> statement-breakpoint
-- Create table "hint_events".
CREATE TABLE "hint_events" (
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
CREATE INDEX "hint_events_user_node_created_idx" ON "hint_events" ("user_id", "node_id", "created_at");
