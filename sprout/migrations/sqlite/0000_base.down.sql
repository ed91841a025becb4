-- Drop table "hint_events".
-- hazard: drop-table hint_events: the table and all its rows are dropped
DROP TABLE "hint_events";
--> statement-breakpoint
-- Drop table "chat_messages".
-- hazard: drop-table chat_messages: the table and all its rows are dropped
DROP TABLE "chat_messages";
--> statement-breakpoint
-- Drop table "chat_sessions".
-- hazard: drop-table chat_sessions: the table and all its rows are dropped
DROP TABLE "chat_sessions";
--> statement-breakpoint
-- Drop table "user_node_progress".
-- hazard: drop-table user_node_progress: the table and all its rows are dropped
DROP TABLE "user_node_progress";
--> statement-breakpoint
-- Drop table "answers".
-- hazard: drop-table answers: the table and all its rows are dropped
DROP TABLE "answers";
--> statement-breakpoint
-- Drop table "questions".
-- hazard: drop-table questions: the table and all its rows are dropped
DROP TABLE "questions";
--> statement-breakpoint
-- Drop table "assessments".
-- hazard: drop-table assessments: the table and all its rows are dropped
DROP TABLE "assessments";
--> statement-breakpoint
-- Drop table "node_generations".
-- hazard: drop-table node_generations: the table and all its rows are dropped
DROP TABLE "node_generations";
--> statement-breakpoint
-- Drop table "node_contents".
-- hazard: drop-table node_contents: the table and all its rows are dropped
DROP TABLE "node_contents";
--> statement-breakpoint
-- Drop table "nodes".
-- hazard: drop-table nodes: the table and all its rows are dropped
DROP TABLE "nodes";
--> statement-breakpoint
-- Drop table "branches".
-- hazard: drop-table branches: the table and all its rows are dropped
DROP TABLE "branches";
--> statement-breakpoint
-- Drop table "users".
-- hazard: drop-table users: the table and all its rows are dropped
DROP TABLE "users";
