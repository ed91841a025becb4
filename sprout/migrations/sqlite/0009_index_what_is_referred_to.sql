-- Create index "assessments_target_node_idx".
CREATE INDEX "assessments_target_node_idx" ON "assessments" ("target_node_id");
--> statement-breakpoint
-- Create index "answers_assessment_idx".
CREATE INDEX "answers_assessment_idx" ON "answers" ("assessment_id");
--> statement-breakpoint
-- Create index "hint_events_node_idx".
CREATE INDEX "hint_events_node_idx" ON "hint_events" ("node_id");
--> statement-breakpoint
-- Create index "hint_events_request_idx".
CREATE INDEX "hint_events_request_idx" ON "hint_events" ("request_message_id");
--> statement-breakpoint
-- Create index "hint_events_response_idx".
CREATE INDEX "hint_events_response_idx" ON "hint_events" ("response_message_id");
--> statement-breakpoint
-- Create index "hint_events_session_idx".
CREATE INDEX "hint_events_session_idx" ON "hint_events" ("session_id");
