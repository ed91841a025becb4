-- seedbed: triggers-off
-- Add column "cards" to "node_contents".
ALTER TABLE "node_contents" ADD COLUMN "cards" TEXT;
--> statement-breakpoint
-- Fill "node_contents"."cards" of the rows there are.
UPDATE "node_contents" SET "cards" = ('[]');
