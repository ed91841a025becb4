-- Create table "object_removals".
CREATE TABLE "object_removals" (
  "s3_key" TEXT PRIMARY KEY NOT NULL,
  "decided_at" TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) NOT NULL,
  CONSTRAINT "object_removals_decided_at_check" CHECK (decided_at IS strftime('%Y-%m-%dT%H:%M:%fZ', decided_at))
) STRICT;
