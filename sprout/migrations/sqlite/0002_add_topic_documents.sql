-- Create table "topic_documents".
CREATE TABLE "topic_documents" (
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
CREATE INDEX "topic_documents_node_id_idx" ON "topic_documents" ("node_id");
