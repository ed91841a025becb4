-- Create table "set_aside".
CREATE TABLE "set_aside" (
  "id" INTEGER PRIMARY KEY NOT NULL,
  "table_name" TEXT NOT NULL,
  "row_id" TEXT NOT NULL,
  "outcome" TEXT NOT NULL,
  "reason" TEXT NOT NULL,
  "row" TEXT NOT NULL,
  "set_aside_at" TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) NOT NULL,
  CONSTRAINT "set_aside_outcome_enum" CHECK ("outcome" IN ('mended', 'removed')),
  CONSTRAINT "set_aside_row_check" CHECK (json_valid("row")),
  CONSTRAINT "set_aside_set_aside_at_check" CHECK (set_aside_at IS strftime('%Y-%m-%dT%H:%M:%fZ', set_aside_at))
) STRICT;
--> statement-breakpoint
CREATE INDEX "set_aside_table_row_idx" ON "set_aside" ("table_name", "row_id");
