-- Drop index "assessments_target_node_idx".
DROP INDEX "assessments_target_node_idx";
--> statement-breakpoint
-- Drop index "answers_assessment_idx".
DROP INDEX "answers_assessment_idx";
--> statement-breakpoint
-- Drop index "hint_events_node_idx".
DROP INDEX "hint_events_node_idx";
--> statement-breakpoint
-- Drop index "hint_events_request_idx".
DROP INDEX "hint_events_request_idx";
--> statement-breakpoint
-- Drop index "hint_events_response_idx".
DROP INDEX "hint_events_response_idx";
--> statement-breakpoint
-- Drop index "hint_events_session_idx".
DROP INDEX "hint_events_session_idx";
