-- This file rebuilds a table; run it with `seedbed migrate`. By hand it needs `PRAGMA foreign_keys = OFF` before its
-- transaction, or rows that refer to the table are deleted, and triggers on the table would have to be made again.
-- seedbed: triggers-off
-- Rows of earlier versions, and of the original server, are mended first, as nothing checked their words, ranges, numbers,
-- JSON and times. What a row was is kept in "set_aside", unless only its times were written anew. A row goes when nothing says
-- what it should be: a word without a default, a reference to nothing. The constraints come below.
--
-- Every time that any row holds, in the one form; NULL for what is no time. A number counts seconds or milliseconds since 1970.
CREATE TEMP TABLE "mend_times" ("found" TEXT PRIMARY KEY, "iso" TEXT) WITHOUT ROWID;
INSERT INTO "mend_times" ("found")
SELECT CAST("updated_at" AS TEXT) FROM "users" WHERE "updated_at" IS NOT NULL
  UNION SELECT CAST("created_at" AS TEXT) FROM "users" WHERE "created_at" IS NOT NULL
  UNION SELECT CAST("created_at" AS TEXT) FROM "branches" WHERE "created_at" IS NOT NULL
  UNION SELECT CAST("updated_at" AS TEXT) FROM "branches" WHERE "updated_at" IS NOT NULL
  UNION SELECT CAST("created_at" AS TEXT) FROM "nodes" WHERE "created_at" IS NOT NULL
  UNION SELECT CAST("updated_at" AS TEXT) FROM "nodes" WHERE "updated_at" IS NOT NULL
  UNION SELECT CAST("created_at" AS TEXT) FROM "node_edges" WHERE "created_at" IS NOT NULL
  UNION SELECT CAST("created_at" AS TEXT) FROM "topic_documents" WHERE "created_at" IS NOT NULL
  UNION SELECT CAST("created_at" AS TEXT) FROM "node_contents" WHERE "created_at" IS NOT NULL
  UNION SELECT CAST("created_at" AS TEXT) FROM "node_generations" WHERE "created_at" IS NOT NULL
  UNION SELECT CAST("created_at" AS TEXT) FROM "assessments" WHERE "created_at" IS NOT NULL
  UNION SELECT CAST("completed_at" AS TEXT) FROM "assessments" WHERE "completed_at" IS NOT NULL
  UNION SELECT CAST("created_at" AS TEXT) FROM "questions" WHERE "created_at" IS NOT NULL
  UNION SELECT CAST("created_at" AS TEXT) FROM "answers" WHERE "created_at" IS NOT NULL
  UNION SELECT CAST("first_entered_at" AS TEXT) FROM "user_node_progress" WHERE "first_entered_at" IS NOT NULL
  UNION SELECT CAST("last_entered_at" AS TEXT) FROM "user_node_progress" WHERE "last_entered_at" IS NOT NULL
  UNION SELECT CAST("completed_at" AS TEXT) FROM "user_node_progress" WHERE "completed_at" IS NOT NULL
  UNION SELECT CAST("created_at" AS TEXT) FROM "user_node_progress" WHERE "created_at" IS NOT NULL
  UNION SELECT CAST("updated_at" AS TEXT) FROM "user_node_progress" WHERE "updated_at" IS NOT NULL
  UNION SELECT CAST("started_at" AS TEXT) FROM "chat_sessions" WHERE "started_at" IS NOT NULL
  UNION SELECT CAST("ended_at" AS TEXT) FROM "chat_sessions" WHERE "ended_at" IS NOT NULL
  UNION SELECT CAST("created_at" AS TEXT) FROM "chat_messages" WHERE "created_at" IS NOT NULL
  UNION SELECT CAST("created_at" AS TEXT) FROM "hint_events" WHERE "created_at" IS NOT NULL;
UPDATE "mend_times" SET "iso" = CASE
  WHEN "found" GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' THEN strftime('%Y-%m-%dT%H:%M:%fZ', "found")
  WHEN "found" GLOB '[1-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]*' AND "found" NOT GLOB '*[^0-9.]*'
    THEN strftime('%Y-%m-%dT%H:%M:%fZ', CAST("found" AS REAL) / iif(CAST("found" AS REAL) < 1e11, 1, 1000), 'unixepoch')
END WHERE TRUE;
-- What the constraints to come would refuse, such as a year before 0 after the offset was taken off.
UPDATE "mend_times" SET "iso" = NULL WHERE "iso" IS NOT strftime('%Y-%m-%dT%H:%M:%fZ', "iso");
-- Rows of "users".
UPDATE OR IGNORE "users" SET "email" = CASE WHEN typeof("email") <> 'blob' THEN "email"
      WHEN length("email") = length(CAST("email" AS TEXT)) AND CAST("email" AS TEXT) NOT GLOB '*[^' || char(1) || '-~]*' THEN CAST("email" AS TEXT)
      ELSE quote("email") END
WHERE typeof("email") = 'blob';
INSERT INTO "set_aside" ("table_name", "row_id", "outcome", "reason", "row")
SELECT 'users', iif(typeof(t."id") = 'text', t."id", quote(t."id")), 'removed',
  concat_ws('; ', iif(typeof("id") <> 'text', 'id is no text', NULL),
    iif(typeof("email") <> 'text', 'email holds bytes', NULL)),
  json_object('id', iif(typeof("id") = 'blob', quote("id"), "id"),
    'email', iif(typeof("email") = 'blob', quote("email"), "email"),
    'title', iif(typeof("title") = 'blob', quote("title"), "title"),
    'desc', iif(typeof("desc") = 'blob', quote("desc"), "desc"),
    'updated_at', iif(typeof("updated_at") = 'blob', quote("updated_at"), "updated_at"),
    'created_at', iif(typeof("created_at") = 'blob', quote("created_at"), "created_at"))
FROM "users" AS t
WHERE ((typeof("id") <> 'text') OR
    (typeof("email") <> 'text'));
INSERT INTO "set_aside" ("table_name", "row_id", "outcome", "reason", "row")
SELECT 'users', iif(typeof(t."id") = 'text', t."id", quote(t."id")), 'mended',
  concat_ws('; ', iif(typeof("title") = 'blob', 'title holds bytes', NULL),
    iif(typeof("desc") = 'blob', 'desc holds bytes', NULL),
    iif(((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("updated_at" AS TEXT))) IS NULL, 'updated_at is no time', NULL),
    iif(((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT))) IS NULL, 'created_at is no time', NULL)),
  json_object('id', iif(typeof("id") = 'blob', quote("id"), "id"),
    'email', iif(typeof("email") = 'blob', quote("email"), "email"),
    'title', iif(typeof("title") = 'blob', quote("title"), "title"),
    'desc', iif(typeof("desc") = 'blob', quote("desc"), "desc"),
    'updated_at', iif(typeof("updated_at") = 'blob', quote("updated_at"), "updated_at"),
    'created_at', iif(typeof("created_at") = 'blob', quote("created_at"), "created_at"))
FROM "users" AS t
WHERE NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'users' AND "outcome" = 'removed' AND "row_id" = iif(typeof(t."id") = 'text', t."id", quote(t."id"))) AND
  ((typeof("title") = 'blob') OR
    (typeof("desc") = 'blob') OR
    (((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("updated_at" AS TEXT))) IS NULL) OR
    (((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT))) IS NULL));
UPDATE "users" SET
    "title" = CASE WHEN typeof("title") <> 'blob' THEN "title"
      WHEN length("title") = length(CAST("title" AS TEXT)) AND CAST("title" AS TEXT) NOT GLOB '*[^' || char(1) || '-~]*' THEN CAST("title" AS TEXT)
      ELSE quote("title") END,
    "desc" = CASE WHEN typeof("desc") <> 'blob' THEN "desc"
      WHEN length("desc") = length(CAST("desc" AS TEXT)) AND CAST("desc" AS TEXT) NOT GLOB '*[^' || char(1) || '-~]*' THEN CAST("desc" AS TEXT)
      ELSE quote("desc") END
WHERE typeof("title") = 'blob' OR typeof("desc") = 'blob';
UPDATE "users" AS t SET
    "updated_at" = coalesce(
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("updated_at" AS TEXT)),
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT)),
      strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    "created_at" = coalesce(
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT)),
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("updated_at" AS TEXT)),
      strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
WHERE TRUE;
-- Rows of "branches".
INSERT INTO "set_aside" ("table_name", "row_id", "outcome", "reason", "row")
SELECT 'branches', iif(typeof(t."id") = 'text', t."id", quote(t."id")), 'removed',
  concat_ws('; ', iif(typeof("id") <> 'text', 'id is no text', NULL),
    iif(NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = t."user_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'users' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id")))), 'user_id refers to nothing that stays', NULL)),
  json_object('id', iif(typeof("id") = 'blob', quote("id"), "id"),
    'title', iif(typeof("title") = 'blob', quote("title"), "title"),
    'user_id', iif(typeof("user_id") = 'blob', quote("user_id"), "user_id"),
    'created_at', iif(typeof("created_at") = 'blob', quote("created_at"), "created_at"),
    'updated_at', iif(typeof("updated_at") = 'blob', quote("updated_at"), "updated_at"))
FROM "branches" AS t
WHERE ((typeof("id") <> 'text') OR
    (NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = t."user_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'users' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))))));
INSERT INTO "set_aside" ("table_name", "row_id", "outcome", "reason", "row")
SELECT 'branches', iif(typeof(t."id") = 'text', t."id", quote(t."id")), 'mended',
  concat_ws('; ', iif(typeof("title") = 'blob', 'title holds bytes', NULL),
    iif(((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT))) IS NULL, 'created_at is no time', NULL),
    iif(((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("updated_at" AS TEXT))) IS NULL, 'updated_at is no time', NULL)),
  json_object('id', iif(typeof("id") = 'blob', quote("id"), "id"),
    'title', iif(typeof("title") = 'blob', quote("title"), "title"),
    'user_id', iif(typeof("user_id") = 'blob', quote("user_id"), "user_id"),
    'created_at', iif(typeof("created_at") = 'blob', quote("created_at"), "created_at"),
    'updated_at', iif(typeof("updated_at") = 'blob', quote("updated_at"), "updated_at"))
FROM "branches" AS t
WHERE NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'branches' AND "outcome" = 'removed' AND "row_id" = iif(typeof(t."id") = 'text', t."id", quote(t."id"))) AND
  ((typeof("title") = 'blob') OR
    (((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT))) IS NULL) OR
    (((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("updated_at" AS TEXT))) IS NULL));
UPDATE "branches" SET
    "title" = CASE WHEN typeof("title") <> 'blob' THEN "title"
      WHEN length("title") = length(CAST("title" AS TEXT)) AND CAST("title" AS TEXT) NOT GLOB '*[^' || char(1) || '-~]*' THEN CAST("title" AS TEXT)
      ELSE quote("title") END
WHERE typeof("title") = 'blob';
UPDATE "branches" AS t SET
    "created_at" = coalesce(
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT)),
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("updated_at" AS TEXT)),
      strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    "updated_at" = coalesce(
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("updated_at" AS TEXT)),
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT)),
      strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
WHERE TRUE;
-- Rows of "nodes".
INSERT INTO "set_aside" ("table_name", "row_id", "outcome", "reason", "row")
SELECT 'nodes', iif(typeof(t."id") = 'text', t."id", quote(t."id")), 'removed',
  concat_ws('; ', iif(typeof("id") <> 'text', 'id is no text', NULL),
    iif(NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = t."user_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'users' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id")))), 'user_id refers to nothing that stays', NULL),
    iif(lower(trim(CAST("type" AS TEXT))) NOT IN ('root', 'concept', 'subconcept'), 'type is no word of its list', NULL)),
  json_object('id', iif(typeof("id") = 'blob', quote("id"), "id"),
    'user_id', iif(typeof("user_id") = 'blob', quote("user_id"), "user_id"),
    'type', iif(typeof("type") = 'blob', quote("type"), "type"),
    'branch_id', iif(typeof("branch_id") = 'blob', quote("branch_id"), "branch_id"),
    'parent_id', iif(typeof("parent_id") = 'blob', quote("parent_id"), "parent_id"),
    'title', iif(typeof("title") = 'blob', quote("title"), "title"),
    'desc', iif(typeof("desc") = 'blob', quote("desc"), "desc"),
    'accuracy_score', iif(typeof("accuracy_score") = 'blob', quote("accuracy_score"), "accuracy_score"),
    'created_at', iif(typeof("created_at") = 'blob', quote("created_at"), "created_at"),
    'updated_at', iif(typeof("updated_at") = 'blob', quote("updated_at"), "updated_at"))
FROM "nodes" AS t
WHERE ((typeof("id") <> 'text') OR
    (NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = t."user_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'users' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))))) OR
    (lower(trim(CAST("type" AS TEXT))) NOT IN ('root', 'concept', 'subconcept')));
INSERT INTO "set_aside" ("table_name", "row_id", "outcome", "reason", "row")
SELECT 'nodes', iif(typeof(t."id") = 'text', t."id", quote(t."id")), 'mended',
  concat_ws('; ', iif("branch_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "branches" AS p WHERE p."id" = t."branch_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'branches' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id")))), 'branch_id refers to nothing that stays', NULL),
    iif("parent_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "nodes" AS p WHERE p."id" = t."parent_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'nodes' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id")))), 'parent_id refers to nothing that stays', NULL),
    iif(typeof("title") = 'blob', 'title holds bytes', NULL),
    iif(typeof("desc") = 'blob', 'desc holds bytes', NULL),
    iif("accuracy_score" IS NOT NULL AND (typeof("accuracy_score") NOT IN ('integer', 'real') OR "accuracy_score" NOT BETWEEN 0 AND 1), 'accuracy_score is no number from 0 to 1', NULL),
    iif(((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT))) IS NULL, 'created_at is no time', NULL),
    iif(((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("updated_at" AS TEXT))) IS NULL, 'updated_at is no time', NULL)),
  json_object('id', iif(typeof("id") = 'blob', quote("id"), "id"),
    'user_id', iif(typeof("user_id") = 'blob', quote("user_id"), "user_id"),
    'type', iif(typeof("type") = 'blob', quote("type"), "type"),
    'branch_id', iif(typeof("branch_id") = 'blob', quote("branch_id"), "branch_id"),
    'parent_id', iif(typeof("parent_id") = 'blob', quote("parent_id"), "parent_id"),
    'title', iif(typeof("title") = 'blob', quote("title"), "title"),
    'desc', iif(typeof("desc") = 'blob', quote("desc"), "desc"),
    'accuracy_score', iif(typeof("accuracy_score") = 'blob', quote("accuracy_score"), "accuracy_score"),
    'created_at', iif(typeof("created_at") = 'blob', quote("created_at"), "created_at"),
    'updated_at', iif(typeof("updated_at") = 'blob', quote("updated_at"), "updated_at"))
FROM "nodes" AS t
WHERE NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'nodes' AND "outcome" = 'removed' AND "row_id" = iif(typeof(t."id") = 'text', t."id", quote(t."id"))) AND
  (("branch_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "branches" AS p WHERE p."id" = t."branch_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'branches' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))))) OR
    ("parent_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "nodes" AS p WHERE p."id" = t."parent_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'nodes' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))))) OR
    (typeof("title") = 'blob') OR
    (typeof("desc") = 'blob') OR
    ("accuracy_score" IS NOT NULL AND (typeof("accuracy_score") NOT IN ('integer', 'real') OR "accuracy_score" NOT BETWEEN 0 AND 1)) OR
    (((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT))) IS NULL) OR
    (((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("updated_at" AS TEXT))) IS NULL));
UPDATE "nodes" AS t SET "branch_id" = NULL
WHERE "branch_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "branches" AS p WHERE p."id" = t."branch_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'branches' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))));
UPDATE "nodes" AS t SET "parent_id" = NULL
WHERE "parent_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "nodes" AS p WHERE p."id" = t."parent_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'nodes' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))));
UPDATE "nodes" SET
    "title" = CASE WHEN typeof("title") <> 'blob' THEN "title"
      WHEN length("title") = length(CAST("title" AS TEXT)) AND CAST("title" AS TEXT) NOT GLOB '*[^' || char(1) || '-~]*' THEN CAST("title" AS TEXT)
      ELSE quote("title") END,
    "desc" = CASE WHEN typeof("desc") <> 'blob' THEN "desc"
      WHEN length("desc") = length(CAST("desc" AS TEXT)) AND CAST("desc" AS TEXT) NOT GLOB '*[^' || char(1) || '-~]*' THEN CAST("desc" AS TEXT)
      ELSE quote("desc") END
WHERE typeof("title") = 'blob' OR typeof("desc") = 'blob';
UPDATE "nodes" AS t SET
    "type" = lower(trim(CAST("type" AS TEXT))),
    "accuracy_score" = coalesce((SELECT max(0, min(1, iif(n > 1, n / 100.0, n))) FROM (SELECT CASE WHEN typeof("accuracy_score") IN ('integer', 'real') THEN "accuracy_score" WHEN trim(CAST("accuracy_score" AS TEXT)) GLOB '[-0-9.]*[0-9]*' OR trim(CAST("accuracy_score" AS TEXT)) GLOB '[0-9]*' THEN CAST(CAST("accuracy_score" AS TEXT) AS REAL) END AS n)), 0),
    "created_at" = coalesce(
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT)),
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("updated_at" AS TEXT)),
      strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    "updated_at" = coalesce(
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("updated_at" AS TEXT)),
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT)),
      strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
WHERE TRUE;
-- Rows of "node_edges".
INSERT INTO "set_aside" ("table_name", "row_id", "outcome", "reason", "row")
SELECT 'node_edges', iif(typeof(t."id") = 'text', t."id", quote(t."id")), 'removed',
  concat_ws('; ', iif(typeof("id") <> 'text', 'id is no text', NULL),
    iif(NOT EXISTS (SELECT 1 FROM "nodes" AS p WHERE p."id" = t."source_node_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'nodes' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id")))), 'source_node_id refers to nothing that stays', NULL),
    iif(NOT EXISTS (SELECT 1 FROM "nodes" AS p WHERE p."id" = t."target_node_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'nodes' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id")))), 'target_node_id refers to nothing that stays', NULL),
    iif("source_node_id" = "target_node_id", 'the node is to be learned before itself', NULL)),
  json_object('id', iif(typeof("id") = 'blob', quote("id"), "id"),
    'source_node_id', iif(typeof("source_node_id") = 'blob', quote("source_node_id"), "source_node_id"),
    'target_node_id', iif(typeof("target_node_id") = 'blob', quote("target_node_id"), "target_node_id"),
    'created_at', iif(typeof("created_at") = 'blob', quote("created_at"), "created_at"))
FROM "node_edges" AS t
WHERE ((typeof("id") <> 'text') OR
    (NOT EXISTS (SELECT 1 FROM "nodes" AS p WHERE p."id" = t."source_node_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'nodes' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))))) OR
    (NOT EXISTS (SELECT 1 FROM "nodes" AS p WHERE p."id" = t."target_node_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'nodes' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))))) OR
    ("source_node_id" = "target_node_id"));
INSERT INTO "set_aside" ("table_name", "row_id", "outcome", "reason", "row")
SELECT 'node_edges', iif(typeof(t."id") = 'text', t."id", quote(t."id")), 'mended',
  concat_ws('; ', iif(((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT))) IS NULL, 'created_at is no time', NULL)),
  json_object('id', iif(typeof("id") = 'blob', quote("id"), "id"),
    'source_node_id', iif(typeof("source_node_id") = 'blob', quote("source_node_id"), "source_node_id"),
    'target_node_id', iif(typeof("target_node_id") = 'blob', quote("target_node_id"), "target_node_id"),
    'created_at', iif(typeof("created_at") = 'blob', quote("created_at"), "created_at"))
FROM "node_edges" AS t
WHERE NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'node_edges' AND "outcome" = 'removed' AND "row_id" = iif(typeof(t."id") = 'text', t."id", quote(t."id"))) AND
  ((((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT))) IS NULL));
UPDATE "node_edges" AS t SET
    "created_at" = coalesce(
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT)),
      strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
WHERE TRUE;
-- Rows of "topic_documents".
INSERT INTO "set_aside" ("table_name", "row_id", "outcome", "reason", "row")
SELECT 'topic_documents', iif(typeof(t."id") = 'text', t."id", quote(t."id")), 'removed',
  concat_ws('; ', iif(typeof("id") <> 'text', 'id is no text', NULL),
    iif(NOT EXISTS (SELECT 1 FROM "nodes" AS p WHERE p."id" = t."node_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'nodes' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id")))), 'node_id refers to nothing that stays', NULL)),
  json_object('id', iif(typeof("id") = 'blob', quote("id"), "id"),
    'node_id', iif(typeof("node_id") = 'blob', quote("node_id"), "node_id"),
    'original_filename', iif(typeof("original_filename") = 'blob', quote("original_filename"), "original_filename"),
    's3_key', iif(typeof("s3_key") = 'blob', quote("s3_key"), "s3_key"),
    'mime_type', iif(typeof("mime_type") = 'blob', quote("mime_type"), "mime_type"),
    'file_size_bytes', iif(typeof("file_size_bytes") = 'blob', quote("file_size_bytes"), "file_size_bytes"),
    'extracted_text', iif(typeof("extracted_text") = 'blob', quote("extracted_text"), "extracted_text"),
    'extraction_status', iif(typeof("extraction_status") = 'blob', quote("extraction_status"), "extraction_status"),
    'extraction_error', iif(typeof("extraction_error") = 'blob', quote("extraction_error"), "extraction_error"),
    'created_at', iif(typeof("created_at") = 'blob', quote("created_at"), "created_at"))
FROM "topic_documents" AS t
WHERE ((typeof("id") <> 'text') OR
    (NOT EXISTS (SELECT 1 FROM "nodes" AS p WHERE p."id" = t."node_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'nodes' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))))));
INSERT INTO "set_aside" ("table_name", "row_id", "outcome", "reason", "row")
SELECT 'topic_documents', iif(typeof(t."id") = 'text', t."id", quote(t."id")), 'mended',
  concat_ws('; ', iif(typeof("original_filename") = 'blob', 'original_filename holds bytes', NULL),
    iif(typeof("s3_key") = 'blob', 's3_key holds bytes', NULL),
    iif(typeof("mime_type") = 'blob', 'mime_type holds bytes', NULL),
    iif(typeof("file_size_bytes") <> 'integer' OR "file_size_bytes" < 0, 'file_size_bytes is no whole number from 0', NULL),
    iif(typeof("extracted_text") = 'blob', 'extracted_text holds bytes', NULL),
    iif(lower(trim(CAST("extraction_status" AS TEXT))) NOT IN ('pending', 'completed', 'failed'), 'extraction_status is no word of its list', NULL),
    iif(typeof("extraction_error") = 'blob', 'extraction_error holds bytes', NULL),
    iif(((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT))) IS NULL, 'created_at is no time', NULL)),
  json_object('id', iif(typeof("id") = 'blob', quote("id"), "id"),
    'node_id', iif(typeof("node_id") = 'blob', quote("node_id"), "node_id"),
    'original_filename', iif(typeof("original_filename") = 'blob', quote("original_filename"), "original_filename"),
    's3_key', iif(typeof("s3_key") = 'blob', quote("s3_key"), "s3_key"),
    'mime_type', iif(typeof("mime_type") = 'blob', quote("mime_type"), "mime_type"),
    'file_size_bytes', iif(typeof("file_size_bytes") = 'blob', quote("file_size_bytes"), "file_size_bytes"),
    'extracted_text', iif(typeof("extracted_text") = 'blob', quote("extracted_text"), "extracted_text"),
    'extraction_status', iif(typeof("extraction_status") = 'blob', quote("extraction_status"), "extraction_status"),
    'extraction_error', iif(typeof("extraction_error") = 'blob', quote("extraction_error"), "extraction_error"),
    'created_at', iif(typeof("created_at") = 'blob', quote("created_at"), "created_at"))
FROM "topic_documents" AS t
WHERE NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'topic_documents' AND "outcome" = 'removed' AND "row_id" = iif(typeof(t."id") = 'text', t."id", quote(t."id"))) AND
  ((typeof("original_filename") = 'blob') OR
    (typeof("s3_key") = 'blob') OR
    (typeof("mime_type") = 'blob') OR
    (typeof("file_size_bytes") <> 'integer' OR "file_size_bytes" < 0) OR
    (typeof("extracted_text") = 'blob') OR
    (lower(trim(CAST("extraction_status" AS TEXT))) NOT IN ('pending', 'completed', 'failed')) OR
    (typeof("extraction_error") = 'blob') OR
    (((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT))) IS NULL));
UPDATE "topic_documents" SET
    "original_filename" = CASE WHEN typeof("original_filename") <> 'blob' THEN "original_filename"
      WHEN length("original_filename") = length(CAST("original_filename" AS TEXT)) AND CAST("original_filename" AS TEXT) NOT GLOB '*[^' || char(1) || '-~]*' THEN CAST("original_filename" AS TEXT)
      ELSE quote("original_filename") END,
    "s3_key" = CASE WHEN typeof("s3_key") <> 'blob' THEN "s3_key"
      WHEN length("s3_key") = length(CAST("s3_key" AS TEXT)) AND CAST("s3_key" AS TEXT) NOT GLOB '*[^' || char(1) || '-~]*' THEN CAST("s3_key" AS TEXT)
      ELSE quote("s3_key") END,
    "mime_type" = CASE WHEN typeof("mime_type") <> 'blob' THEN "mime_type"
      WHEN length("mime_type") = length(CAST("mime_type" AS TEXT)) AND CAST("mime_type" AS TEXT) NOT GLOB '*[^' || char(1) || '-~]*' THEN CAST("mime_type" AS TEXT)
      ELSE quote("mime_type") END,
    "extracted_text" = CASE WHEN typeof("extracted_text") <> 'blob' THEN "extracted_text"
      WHEN length("extracted_text") = length(CAST("extracted_text" AS TEXT)) AND CAST("extracted_text" AS TEXT) NOT GLOB '*[^' || char(1) || '-~]*' THEN CAST("extracted_text" AS TEXT)
      ELSE quote("extracted_text") END,
    "extraction_error" = CASE WHEN typeof("extraction_error") <> 'blob' THEN "extraction_error"
      WHEN length("extraction_error") = length(CAST("extraction_error" AS TEXT)) AND CAST("extraction_error" AS TEXT) NOT GLOB '*[^' || char(1) || '-~]*' THEN CAST("extraction_error" AS TEXT)
      ELSE quote("extraction_error") END
WHERE typeof("original_filename") = 'blob' OR typeof("s3_key") = 'blob' OR typeof("mime_type") = 'blob' OR typeof("extracted_text") = 'blob' OR typeof("extraction_error") = 'blob';
UPDATE "topic_documents" AS t SET
    "file_size_bytes" = coalesce(max(0, CAST(CASE WHEN typeof("file_size_bytes") IN ('integer', 'real') THEN "file_size_bytes" WHEN trim(CAST("file_size_bytes" AS TEXT)) GLOB '[-0-9.]*[0-9]*' OR trim(CAST("file_size_bytes" AS TEXT)) GLOB '[0-9]*' THEN CAST(CAST("file_size_bytes" AS TEXT) AS REAL) END AS INTEGER)), 0),
    "extraction_status" = iif(lower(trim(CAST("extraction_status" AS TEXT))) IN ('pending', 'completed', 'failed'), lower(trim(CAST("extraction_status" AS TEXT))), iif("extracted_text" IS NULL, 'pending', 'completed')),
    "created_at" = coalesce(
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT)),
      strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
WHERE TRUE;
-- Rows of "node_contents".
INSERT INTO "set_aside" ("table_name", "row_id", "outcome", "reason", "row")
SELECT 'node_contents', iif(typeof(t."id") = 'text', t."id", quote(t."id")), 'removed',
  concat_ws('; ', iif(typeof("id") <> 'text', 'id is no text', NULL),
    iif(NOT EXISTS (SELECT 1 FROM "nodes" AS p WHERE p."id" = t."node_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'nodes' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id")))), 'node_id refers to nothing that stays', NULL)),
  json_object('id', iif(typeof("id") = 'blob', quote("id"), "id"),
    'node_id', iif(typeof("node_id") = 'blob', quote("node_id"), "node_id"),
    'explanation_md', iif(typeof("explanation_md") = 'blob', quote("explanation_md"), "explanation_md"),
    'visualization_kind', iif(typeof("visualization_kind") = 'blob', quote("visualization_kind"), "visualization_kind"),
    'visualization_payload', iif(typeof("visualization_payload") = 'blob', quote("visualization_payload"), "visualization_payload"),
    'generated_by_model', iif(typeof("generated_by_model") = 'blob', quote("generated_by_model"), "generated_by_model"),
    'generation_prompt_hash', iif(typeof("generation_prompt_hash") = 'blob', quote("generation_prompt_hash"), "generation_prompt_hash"),
    'status', iif(typeof("status") = 'blob', quote("status"), "status"),
    'created_at', iif(typeof("created_at") = 'blob', quote("created_at"), "created_at"),
    'cards', iif(typeof("cards") = 'blob', quote("cards"), "cards"))
FROM "node_contents" AS t
WHERE ((typeof("id") <> 'text') OR
    (NOT EXISTS (SELECT 1 FROM "nodes" AS p WHERE p."id" = t."node_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'nodes' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))))));
INSERT INTO "set_aside" ("table_name", "row_id", "outcome", "reason", "row")
SELECT 'node_contents', iif(typeof(t."id") = 'text', t."id", quote(t."id")), 'mended',
  concat_ws('; ', iif(typeof("explanation_md") = 'blob', 'explanation_md holds bytes', NULL),
    iif(typeof("visualization_kind") = 'blob', 'visualization_kind holds bytes', NULL),
    iif(typeof("visualization_payload") = 'blob', 'visualization_payload holds bytes', NULL),
    iif(typeof("generated_by_model") = 'blob', 'generated_by_model holds bytes', NULL),
    iif(typeof("generation_prompt_hash") = 'blob', 'generation_prompt_hash holds bytes', NULL),
    iif(lower(trim(CAST("status" AS TEXT))) NOT IN ('draft', 'active', 'archived'), 'status is no word of its list', NULL),
    iif(((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT))) IS NULL, 'created_at is no time', NULL),
    iif("cards" IS NOT NULL AND (typeof("cards") <> 'text' OR NOT json_valid("cards")), 'cards is no JSON', NULL)),
  json_object('id', iif(typeof("id") = 'blob', quote("id"), "id"),
    'node_id', iif(typeof("node_id") = 'blob', quote("node_id"), "node_id"),
    'explanation_md', iif(typeof("explanation_md") = 'blob', quote("explanation_md"), "explanation_md"),
    'visualization_kind', iif(typeof("visualization_kind") = 'blob', quote("visualization_kind"), "visualization_kind"),
    'visualization_payload', iif(typeof("visualization_payload") = 'blob', quote("visualization_payload"), "visualization_payload"),
    'generated_by_model', iif(typeof("generated_by_model") = 'blob', quote("generated_by_model"), "generated_by_model"),
    'generation_prompt_hash', iif(typeof("generation_prompt_hash") = 'blob', quote("generation_prompt_hash"), "generation_prompt_hash"),
    'status', iif(typeof("status") = 'blob', quote("status"), "status"),
    'created_at', iif(typeof("created_at") = 'blob', quote("created_at"), "created_at"),
    'cards', iif(typeof("cards") = 'blob', quote("cards"), "cards"))
FROM "node_contents" AS t
WHERE NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'node_contents' AND "outcome" = 'removed' AND "row_id" = iif(typeof(t."id") = 'text', t."id", quote(t."id"))) AND
  ((typeof("explanation_md") = 'blob') OR
    (typeof("visualization_kind") = 'blob') OR
    (typeof("visualization_payload") = 'blob') OR
    (typeof("generated_by_model") = 'blob') OR
    (typeof("generation_prompt_hash") = 'blob') OR
    (lower(trim(CAST("status" AS TEXT))) NOT IN ('draft', 'active', 'archived')) OR
    (((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT))) IS NULL) OR
    ("cards" IS NOT NULL AND (typeof("cards") <> 'text' OR NOT json_valid("cards"))));
UPDATE "node_contents" SET
    "explanation_md" = CASE WHEN typeof("explanation_md") <> 'blob' THEN "explanation_md"
      WHEN length("explanation_md") = length(CAST("explanation_md" AS TEXT)) AND CAST("explanation_md" AS TEXT) NOT GLOB '*[^' || char(1) || '-~]*' THEN CAST("explanation_md" AS TEXT)
      ELSE quote("explanation_md") END,
    "visualization_kind" = CASE WHEN typeof("visualization_kind") <> 'blob' THEN "visualization_kind"
      WHEN length("visualization_kind") = length(CAST("visualization_kind" AS TEXT)) AND CAST("visualization_kind" AS TEXT) NOT GLOB '*[^' || char(1) || '-~]*' THEN CAST("visualization_kind" AS TEXT)
      ELSE quote("visualization_kind") END,
    "visualization_payload" = CASE WHEN typeof("visualization_payload") <> 'blob' THEN "visualization_payload"
      WHEN length("visualization_payload") = length(CAST("visualization_payload" AS TEXT)) AND CAST("visualization_payload" AS TEXT) NOT GLOB '*[^' || char(1) || '-~]*' THEN CAST("visualization_payload" AS TEXT)
      ELSE quote("visualization_payload") END,
    "generated_by_model" = CASE WHEN typeof("generated_by_model") <> 'blob' THEN "generated_by_model"
      WHEN length("generated_by_model") = length(CAST("generated_by_model" AS TEXT)) AND CAST("generated_by_model" AS TEXT) NOT GLOB '*[^' || char(1) || '-~]*' THEN CAST("generated_by_model" AS TEXT)
      ELSE quote("generated_by_model") END,
    "generation_prompt_hash" = CASE WHEN typeof("generation_prompt_hash") <> 'blob' THEN "generation_prompt_hash"
      WHEN length("generation_prompt_hash") = length(CAST("generation_prompt_hash" AS TEXT)) AND CAST("generation_prompt_hash" AS TEXT) NOT GLOB '*[^' || char(1) || '-~]*' THEN CAST("generation_prompt_hash" AS TEXT)
      ELSE quote("generation_prompt_hash") END
WHERE typeof("explanation_md") = 'blob' OR typeof("visualization_kind") = 'blob' OR typeof("visualization_payload") = 'blob' OR typeof("generated_by_model") = 'blob' OR typeof("generation_prompt_hash") = 'blob';
UPDATE "node_contents" AS t SET
    "status" = iif(lower(trim(CAST("status" AS TEXT))) IN ('draft', 'active', 'archived'), lower(trim(CAST("status" AS TEXT))), 'active'),
    "created_at" = coalesce(
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT)),
      strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    "cards" = CASE WHEN "cards" IS NULL THEN NULL WHEN json_valid(CAST("cards" AS TEXT)) THEN CAST("cards" AS TEXT) ELSE '[]' END
WHERE TRUE;
-- Rows of "node_generations".
INSERT INTO "set_aside" ("table_name", "row_id", "outcome", "reason", "row")
SELECT 'node_generations', iif(typeof(t."id") = 'text', t."id", quote(t."id")), 'removed',
  concat_ws('; ', iif(typeof("id") <> 'text', 'id is no text', NULL),
    iif(NOT EXISTS (SELECT 1 FROM "nodes" AS p WHERE p."id" = t."node_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'nodes' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id")))), 'node_id refers to nothing that stays', NULL),
    iif(lower(trim(CAST("trigger" AS TEXT))) NOT IN ('on_first_enter', 'manual_regenerate', 'system_refresh'), 'trigger is no word of its list', NULL)),
  json_object('id', iif(typeof("id") = 'blob', quote("id"), "id"),
    'node_id', iif(typeof("node_id") = 'blob', quote("node_id"), "node_id"),
    'trigger', iif(typeof("trigger") = 'blob', quote("trigger"), "trigger"),
    'model', iif(typeof("model") = 'blob', quote("model"), "model"),
    'prompt', iif(typeof("prompt") = 'blob', quote("prompt"), "prompt"),
    'response_meta', iif(typeof("response_meta") = 'blob', quote("response_meta"), "response_meta"),
    'created_at', iif(typeof("created_at") = 'blob', quote("created_at"), "created_at"))
FROM "node_generations" AS t
WHERE ((typeof("id") <> 'text') OR
    (NOT EXISTS (SELECT 1 FROM "nodes" AS p WHERE p."id" = t."node_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'nodes' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))))) OR
    (lower(trim(CAST("trigger" AS TEXT))) NOT IN ('on_first_enter', 'manual_regenerate', 'system_refresh')));
INSERT INTO "set_aside" ("table_name", "row_id", "outcome", "reason", "row")
SELECT 'node_generations', iif(typeof(t."id") = 'text', t."id", quote(t."id")), 'mended',
  concat_ws('; ', iif(typeof("model") = 'blob', 'model holds bytes', NULL),
    iif(typeof("prompt") = 'blob', 'prompt holds bytes', NULL),
    iif("response_meta" IS NOT NULL AND (typeof("response_meta") <> 'text' OR NOT json_valid("response_meta")), 'response_meta is no JSON', NULL),
    iif(((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT))) IS NULL, 'created_at is no time', NULL)),
  json_object('id', iif(typeof("id") = 'blob', quote("id"), "id"),
    'node_id', iif(typeof("node_id") = 'blob', quote("node_id"), "node_id"),
    'trigger', iif(typeof("trigger") = 'blob', quote("trigger"), "trigger"),
    'model', iif(typeof("model") = 'blob', quote("model"), "model"),
    'prompt', iif(typeof("prompt") = 'blob', quote("prompt"), "prompt"),
    'response_meta', iif(typeof("response_meta") = 'blob', quote("response_meta"), "response_meta"),
    'created_at', iif(typeof("created_at") = 'blob', quote("created_at"), "created_at"))
FROM "node_generations" AS t
WHERE NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'node_generations' AND "outcome" = 'removed' AND "row_id" = iif(typeof(t."id") = 'text', t."id", quote(t."id"))) AND
  ((typeof("model") = 'blob') OR
    (typeof("prompt") = 'blob') OR
    ("response_meta" IS NOT NULL AND (typeof("response_meta") <> 'text' OR NOT json_valid("response_meta"))) OR
    (((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT))) IS NULL));
UPDATE "node_generations" SET
    "model" = CASE WHEN typeof("model") <> 'blob' THEN "model"
      WHEN length("model") = length(CAST("model" AS TEXT)) AND CAST("model" AS TEXT) NOT GLOB '*[^' || char(1) || '-~]*' THEN CAST("model" AS TEXT)
      ELSE quote("model") END,
    "prompt" = CASE WHEN typeof("prompt") <> 'blob' THEN "prompt"
      WHEN length("prompt") = length(CAST("prompt" AS TEXT)) AND CAST("prompt" AS TEXT) NOT GLOB '*[^' || char(1) || '-~]*' THEN CAST("prompt" AS TEXT)
      ELSE quote("prompt") END
WHERE typeof("model") = 'blob' OR typeof("prompt") = 'blob';
UPDATE "node_generations" AS t SET
    "trigger" = lower(trim(CAST("trigger" AS TEXT))),
    "response_meta" = CASE WHEN "response_meta" IS NULL THEN NULL WHEN json_valid(CAST("response_meta" AS TEXT)) THEN CAST("response_meta" AS TEXT) ELSE NULL END,
    "created_at" = coalesce(
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT)),
      strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
WHERE TRUE;
-- Rows of "assessments".
INSERT INTO "set_aside" ("table_name", "row_id", "outcome", "reason", "row")
SELECT 'assessments', iif(typeof(t."id") = 'text', t."id", quote(t."id")), 'removed',
  concat_ws('; ', iif(typeof("id") <> 'text', 'id is no text', NULL),
    iif(NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = t."user_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'users' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id")))), 'user_id refers to nothing that stays', NULL),
    iif(NOT EXISTS (SELECT 1 FROM "nodes" AS p WHERE p."id" = t."target_node_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'nodes' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id")))), 'target_node_id refers to nothing that stays', NULL)),
  json_object('id', iif(typeof("id") = 'blob', quote("id"), "id"),
    'user_id', iif(typeof("user_id") = 'blob', quote("user_id"), "user_id"),
    'target_node_id', iif(typeof("target_node_id") = 'blob', quote("target_node_id"), "target_node_id"),
    'type', iif(typeof("type") = 'blob', quote("type"), "type"),
    'title', iif(typeof("title") = 'blob', quote("title"), "title"),
    'created_at', iif(typeof("created_at") = 'blob', quote("created_at"), "created_at"),
    'completed_at', iif(typeof("completed_at") = 'blob', quote("completed_at"), "completed_at"))
FROM "assessments" AS t
WHERE ((typeof("id") <> 'text') OR
    (NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = t."user_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'users' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))))) OR
    (NOT EXISTS (SELECT 1 FROM "nodes" AS p WHERE p."id" = t."target_node_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'nodes' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))))));
INSERT INTO "set_aside" ("table_name", "row_id", "outcome", "reason", "row")
SELECT 'assessments', iif(typeof(t."id") = 'text', t."id", quote(t."id")), 'mended',
  concat_ws('; ', iif(lower(trim(CAST("type" AS TEXT))) NOT IN ('diagnostic', 'quiz', 'recall'), 'type is no word of its list', NULL),
    iif(typeof("title") = 'blob', 'title holds bytes', NULL),
    iif(((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT))) IS NULL, 'created_at is no time', NULL),
    iif("completed_at" IS NOT NULL AND NOT trim(CAST("completed_at" AS TEXT)) = '' AND ((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("completed_at" AS TEXT))) IS NULL, 'completed_at is no time', NULL)),
  json_object('id', iif(typeof("id") = 'blob', quote("id"), "id"),
    'user_id', iif(typeof("user_id") = 'blob', quote("user_id"), "user_id"),
    'target_node_id', iif(typeof("target_node_id") = 'blob', quote("target_node_id"), "target_node_id"),
    'type', iif(typeof("type") = 'blob', quote("type"), "type"),
    'title', iif(typeof("title") = 'blob', quote("title"), "title"),
    'created_at', iif(typeof("created_at") = 'blob', quote("created_at"), "created_at"),
    'completed_at', iif(typeof("completed_at") = 'blob', quote("completed_at"), "completed_at"))
FROM "assessments" AS t
WHERE NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'assessments' AND "outcome" = 'removed' AND "row_id" = iif(typeof(t."id") = 'text', t."id", quote(t."id"))) AND
  ((lower(trim(CAST("type" AS TEXT))) NOT IN ('diagnostic', 'quiz', 'recall')) OR
    (typeof("title") = 'blob') OR
    (((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT))) IS NULL) OR
    ("completed_at" IS NOT NULL AND NOT trim(CAST("completed_at" AS TEXT)) = '' AND ((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("completed_at" AS TEXT))) IS NULL));
UPDATE "assessments" SET
    "title" = CASE WHEN typeof("title") <> 'blob' THEN "title"
      WHEN length("title") = length(CAST("title" AS TEXT)) AND CAST("title" AS TEXT) NOT GLOB '*[^' || char(1) || '-~]*' THEN CAST("title" AS TEXT)
      ELSE quote("title") END
WHERE typeof("title") = 'blob';
UPDATE "assessments" AS t SET
    "type" = iif(lower(trim(CAST("type" AS TEXT))) IN ('diagnostic', 'quiz', 'recall'), lower(trim(CAST("type" AS TEXT))), 'diagnostic'),
    "created_at" = coalesce(
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT)),
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("completed_at" AS TEXT)),
      strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    "completed_at" = CASE WHEN "completed_at" IS NULL OR trim(CAST("completed_at" AS TEXT)) = '' THEN NULL ELSE coalesce(
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("completed_at" AS TEXT)),
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT)),
      strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) END
WHERE TRUE;
-- Rows of "questions".
INSERT INTO "set_aside" ("table_name", "row_id", "outcome", "reason", "row")
SELECT 'questions', iif(typeof(t."id") = 'text', t."id", quote(t."id")), 'removed',
  concat_ws('; ', iif(typeof("id") <> 'text', 'id is no text', NULL),
    iif(NOT EXISTS (SELECT 1 FROM "assessments" AS p WHERE p."id" = t."assessment_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'assessments' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id")))), 'assessment_id refers to nothing that stays', NULL),
    iif(lower(trim(CAST("format" AS TEXT))) NOT IN ('mcq', 'open_ended'), 'format is no word of its list', NULL)),
  json_object('id', iif(typeof("id") = 'blob', quote("id"), "id"),
    'assessment_id', iif(typeof("assessment_id") = 'blob', quote("assessment_id"), "assessment_id"),
    'node_id', iif(typeof("node_id") = 'blob', quote("node_id"), "node_id"),
    'format', iif(typeof("format") = 'blob', quote("format"), "format"),
    'prompt', iif(typeof("prompt") = 'blob', quote("prompt"), "prompt"),
    'options', iif(typeof("options") = 'blob', quote("options"), "options"),
    'correct_answer', iif(typeof("correct_answer") = 'blob', quote("correct_answer"), "correct_answer"),
    'grading_rubric', iif(typeof("grading_rubric") = 'blob', quote("grading_rubric"), "grading_rubric"),
    'difficulty', iif(typeof("difficulty") = 'blob', quote("difficulty"), "difficulty"),
    'created_at', iif(typeof("created_at") = 'blob', quote("created_at"), "created_at"))
FROM "questions" AS t
WHERE ((typeof("id") <> 'text') OR
    (NOT EXISTS (SELECT 1 FROM "assessments" AS p WHERE p."id" = t."assessment_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'assessments' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))))) OR
    (lower(trim(CAST("format" AS TEXT))) NOT IN ('mcq', 'open_ended')));
INSERT INTO "set_aside" ("table_name", "row_id", "outcome", "reason", "row")
SELECT 'questions', iif(typeof(t."id") = 'text', t."id", quote(t."id")), 'mended',
  concat_ws('; ', iif("node_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "nodes" AS p WHERE p."id" = t."node_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'nodes' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id")))), 'node_id refers to nothing that stays', NULL),
    iif(typeof("prompt") = 'blob', 'prompt holds bytes', NULL),
    iif("options" IS NOT NULL AND (typeof("options") <> 'text' OR NOT json_valid("options")), 'options is no JSON', NULL),
    iif(typeof("correct_answer") = 'blob', 'correct_answer holds bytes', NULL),
    iif("grading_rubric" IS NOT NULL AND (typeof("grading_rubric") <> 'text' OR NOT json_valid("grading_rubric")), 'grading_rubric is no JSON', NULL),
    iif(typeof("difficulty") <> 'integer' OR "difficulty" NOT BETWEEN 1 AND 5, 'difficulty is no whole number from 1 to 5', NULL),
    iif(((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT))) IS NULL, 'created_at is no time', NULL)),
  json_object('id', iif(typeof("id") = 'blob', quote("id"), "id"),
    'assessment_id', iif(typeof("assessment_id") = 'blob', quote("assessment_id"), "assessment_id"),
    'node_id', iif(typeof("node_id") = 'blob', quote("node_id"), "node_id"),
    'format', iif(typeof("format") = 'blob', quote("format"), "format"),
    'prompt', iif(typeof("prompt") = 'blob', quote("prompt"), "prompt"),
    'options', iif(typeof("options") = 'blob', quote("options"), "options"),
    'correct_answer', iif(typeof("correct_answer") = 'blob', quote("correct_answer"), "correct_answer"),
    'grading_rubric', iif(typeof("grading_rubric") = 'blob', quote("grading_rubric"), "grading_rubric"),
    'difficulty', iif(typeof("difficulty") = 'blob', quote("difficulty"), "difficulty"),
    'created_at', iif(typeof("created_at") = 'blob', quote("created_at"), "created_at"))
FROM "questions" AS t
WHERE NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'questions' AND "outcome" = 'removed' AND "row_id" = iif(typeof(t."id") = 'text', t."id", quote(t."id"))) AND
  (("node_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "nodes" AS p WHERE p."id" = t."node_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'nodes' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))))) OR
    (typeof("prompt") = 'blob') OR
    ("options" IS NOT NULL AND (typeof("options") <> 'text' OR NOT json_valid("options"))) OR
    (typeof("correct_answer") = 'blob') OR
    ("grading_rubric" IS NOT NULL AND (typeof("grading_rubric") <> 'text' OR NOT json_valid("grading_rubric"))) OR
    (typeof("difficulty") <> 'integer' OR "difficulty" NOT BETWEEN 1 AND 5) OR
    (((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT))) IS NULL));
UPDATE "questions" AS t SET "node_id" = NULL
WHERE "node_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "nodes" AS p WHERE p."id" = t."node_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'nodes' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))));
UPDATE "questions" SET
    "prompt" = CASE WHEN typeof("prompt") <> 'blob' THEN "prompt"
      WHEN length("prompt") = length(CAST("prompt" AS TEXT)) AND CAST("prompt" AS TEXT) NOT GLOB '*[^' || char(1) || '-~]*' THEN CAST("prompt" AS TEXT)
      ELSE quote("prompt") END,
    "correct_answer" = CASE WHEN typeof("correct_answer") <> 'blob' THEN "correct_answer"
      WHEN length("correct_answer") = length(CAST("correct_answer" AS TEXT)) AND CAST("correct_answer" AS TEXT) NOT GLOB '*[^' || char(1) || '-~]*' THEN CAST("correct_answer" AS TEXT)
      ELSE quote("correct_answer") END
WHERE typeof("prompt") = 'blob' OR typeof("correct_answer") = 'blob';
UPDATE "questions" AS t SET
    "format" = lower(trim(CAST("format" AS TEXT))),
    "options" = CASE WHEN "options" IS NULL THEN NULL WHEN json_valid(CAST("options" AS TEXT)) THEN CAST("options" AS TEXT) ELSE NULL END,
    "grading_rubric" = CASE WHEN "grading_rubric" IS NULL THEN NULL WHEN json_valid(CAST("grading_rubric" AS TEXT)) THEN CAST("grading_rubric" AS TEXT) ELSE NULL END,
    "difficulty" = coalesce(max(1, min(5, CAST(round(CASE WHEN typeof("difficulty") IN ('integer', 'real') THEN "difficulty" WHEN trim(CAST("difficulty" AS TEXT)) GLOB '[-0-9.]*[0-9]*' OR trim(CAST("difficulty" AS TEXT)) GLOB '[0-9]*' THEN CAST(CAST("difficulty" AS TEXT) AS REAL) END) AS INTEGER))), 1),
    "created_at" = coalesce(
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT)),
      strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
WHERE TRUE;
-- Rows of "answers".
INSERT INTO "set_aside" ("table_name", "row_id", "outcome", "reason", "row")
SELECT 'answers', iif(typeof(t."id") = 'text', t."id", quote(t."id")), 'removed',
  concat_ws('; ', iif(typeof("id") <> 'text', 'id is no text', NULL),
    iif(NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = t."user_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'users' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id")))), 'user_id refers to nothing that stays', NULL),
    iif(NOT EXISTS (SELECT 1 FROM "assessments" AS p WHERE p."id" = t."assessment_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'assessments' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id")))), 'assessment_id refers to nothing that stays', NULL),
    iif(NOT EXISTS (SELECT 1 FROM "questions" AS p WHERE p."id" = t."question_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'questions' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id")))), 'question_id refers to nothing that stays', NULL)),
  json_object('id', iif(typeof("id") = 'blob', quote("id"), "id"),
    'user_id', iif(typeof("user_id") = 'blob', quote("user_id"), "user_id"),
    'assessment_id', iif(typeof("assessment_id") = 'blob', quote("assessment_id"), "assessment_id"),
    'question_id', iif(typeof("question_id") = 'blob', quote("question_id"), "question_id"),
    'answer_text', iif(typeof("answer_text") = 'blob', quote("answer_text"), "answer_text"),
    'selected_option', iif(typeof("selected_option") = 'blob', quote("selected_option"), "selected_option"),
    'is_correct', iif(typeof("is_correct") = 'blob', quote("is_correct"), "is_correct"),
    'score', iif(typeof("score") = 'blob', quote("score"), "score"),
    'feedback', iif(typeof("feedback") = 'blob', quote("feedback"), "feedback"),
    'created_at', iif(typeof("created_at") = 'blob', quote("created_at"), "created_at"))
FROM "answers" AS t
WHERE ((typeof("id") <> 'text') OR
    (NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = t."user_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'users' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))))) OR
    (NOT EXISTS (SELECT 1 FROM "assessments" AS p WHERE p."id" = t."assessment_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'assessments' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))))) OR
    (NOT EXISTS (SELECT 1 FROM "questions" AS p WHERE p."id" = t."question_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'questions' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))))));
INSERT INTO "set_aside" ("table_name", "row_id", "outcome", "reason", "row")
SELECT 'answers', iif(typeof(t."id") = 'text', t."id", quote(t."id")), 'mended',
  concat_ws('; ', iif(typeof("answer_text") = 'blob', 'answer_text holds bytes', NULL),
    iif(typeof("selected_option") = 'blob', 'selected_option holds bytes', NULL),
    iif("is_correct" NOT IN (0, 1), 'is_correct is neither 0 nor 1', NULL),
    iif("score" IS NOT NULL AND (typeof("score") NOT IN ('integer', 'real') OR "score" NOT BETWEEN 0 AND 1), 'score is no number from 0 to 1', NULL),
    iif(typeof("feedback") = 'blob', 'feedback holds bytes', NULL),
    iif(((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT))) IS NULL, 'created_at is no time', NULL)),
  json_object('id', iif(typeof("id") = 'blob', quote("id"), "id"),
    'user_id', iif(typeof("user_id") = 'blob', quote("user_id"), "user_id"),
    'assessment_id', iif(typeof("assessment_id") = 'blob', quote("assessment_id"), "assessment_id"),
    'question_id', iif(typeof("question_id") = 'blob', quote("question_id"), "question_id"),
    'answer_text', iif(typeof("answer_text") = 'blob', quote("answer_text"), "answer_text"),
    'selected_option', iif(typeof("selected_option") = 'blob', quote("selected_option"), "selected_option"),
    'is_correct', iif(typeof("is_correct") = 'blob', quote("is_correct"), "is_correct"),
    'score', iif(typeof("score") = 'blob', quote("score"), "score"),
    'feedback', iif(typeof("feedback") = 'blob', quote("feedback"), "feedback"),
    'created_at', iif(typeof("created_at") = 'blob', quote("created_at"), "created_at"))
FROM "answers" AS t
WHERE NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'answers' AND "outcome" = 'removed' AND "row_id" = iif(typeof(t."id") = 'text', t."id", quote(t."id"))) AND
  ((typeof("answer_text") = 'blob') OR
    (typeof("selected_option") = 'blob') OR
    ("is_correct" NOT IN (0, 1)) OR
    ("score" IS NOT NULL AND (typeof("score") NOT IN ('integer', 'real') OR "score" NOT BETWEEN 0 AND 1)) OR
    (typeof("feedback") = 'blob') OR
    (((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT))) IS NULL));
UPDATE "answers" SET
    "answer_text" = CASE WHEN typeof("answer_text") <> 'blob' THEN "answer_text"
      WHEN length("answer_text") = length(CAST("answer_text" AS TEXT)) AND CAST("answer_text" AS TEXT) NOT GLOB '*[^' || char(1) || '-~]*' THEN CAST("answer_text" AS TEXT)
      ELSE quote("answer_text") END,
    "selected_option" = CASE WHEN typeof("selected_option") <> 'blob' THEN "selected_option"
      WHEN length("selected_option") = length(CAST("selected_option" AS TEXT)) AND CAST("selected_option" AS TEXT) NOT GLOB '*[^' || char(1) || '-~]*' THEN CAST("selected_option" AS TEXT)
      ELSE quote("selected_option") END,
    "feedback" = CASE WHEN typeof("feedback") <> 'blob' THEN "feedback"
      WHEN length("feedback") = length(CAST("feedback" AS TEXT)) AND CAST("feedback" AS TEXT) NOT GLOB '*[^' || char(1) || '-~]*' THEN CAST("feedback" AS TEXT)
      ELSE quote("feedback") END
WHERE typeof("answer_text") = 'blob' OR typeof("selected_option") = 'blob' OR typeof("feedback") = 'blob';
UPDATE "answers" AS t SET
    "is_correct" = CASE WHEN typeof("is_correct") IN ('integer', 'real') THEN "is_correct" <> 0 WHEN lower(trim(CAST("is_correct" AS TEXT))) IN ('true', 't', 'yes', 'y', 'on', '1') THEN 1
      WHEN lower(trim(CAST("is_correct" AS TEXT))) IN ('false', 'f', 'no', 'n', 'off', '0') THEN 0 ELSE NULL END,
    "score" = (SELECT max(0, min(1, iif(n > 1, n / 100.0, n))) FROM (SELECT CASE WHEN typeof("score") IN ('integer', 'real') THEN "score" WHEN trim(CAST("score" AS TEXT)) GLOB '[-0-9.]*[0-9]*' OR trim(CAST("score" AS TEXT)) GLOB '[0-9]*' THEN CAST(CAST("score" AS TEXT) AS REAL) END AS n)),
    "created_at" = coalesce(
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT)),
      strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
WHERE TRUE;
-- Rows of "user_node_progress".
INSERT INTO "set_aside" ("table_name", "row_id", "outcome", "reason", "row")
SELECT 'user_node_progress', iif(typeof(t."id") = 'text', t."id", quote(t."id")), 'removed',
  concat_ws('; ', iif(typeof("id") <> 'text', 'id is no text', NULL),
    iif(NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = t."user_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'users' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id")))), 'user_id refers to nothing that stays', NULL),
    iif(NOT EXISTS (SELECT 1 FROM "nodes" AS p WHERE p."id" = t."node_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'nodes' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id")))), 'node_id refers to nothing that stays', NULL)),
  json_object('id', iif(typeof("id") = 'blob', quote("id"), "id"),
    'user_id', iif(typeof("user_id") = 'blob', quote("user_id"), "user_id"),
    'node_id', iif(typeof("node_id") = 'blob', quote("node_id"), "node_id"),
    'first_entered_at', iif(typeof("first_entered_at") = 'blob', quote("first_entered_at"), "first_entered_at"),
    'last_entered_at', iif(typeof("last_entered_at") = 'blob', quote("last_entered_at"), "last_entered_at"),
    'completed_at', iif(typeof("completed_at") = 'blob', quote("completed_at"), "completed_at"),
    'mastery_score', iif(typeof("mastery_score") = 'blob', quote("mastery_score"), "mastery_score"),
    'attempts_count', iif(typeof("attempts_count") = 'blob', quote("attempts_count"), "attempts_count"),
    'has_generated_subnodes', iif(typeof("has_generated_subnodes") = 'blob', quote("has_generated_subnodes"), "has_generated_subnodes"),
    'created_at', iif(typeof("created_at") = 'blob', quote("created_at"), "created_at"),
    'updated_at', iif(typeof("updated_at") = 'blob', quote("updated_at"), "updated_at"))
FROM "user_node_progress" AS t
WHERE ((typeof("id") <> 'text') OR
    (NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = t."user_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'users' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))))) OR
    (NOT EXISTS (SELECT 1 FROM "nodes" AS p WHERE p."id" = t."node_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'nodes' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))))));
INSERT INTO "set_aside" ("table_name", "row_id", "outcome", "reason", "row")
SELECT 'user_node_progress', iif(typeof(t."id") = 'text', t."id", quote(t."id")), 'mended',
  concat_ws('; ', iif("first_entered_at" IS NOT NULL AND NOT trim(CAST("first_entered_at" AS TEXT)) = '' AND ((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("first_entered_at" AS TEXT))) IS NULL, 'first_entered_at is no time', NULL),
    iif("last_entered_at" IS NOT NULL AND NOT trim(CAST("last_entered_at" AS TEXT)) = '' AND ((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("last_entered_at" AS TEXT))) IS NULL, 'last_entered_at is no time', NULL),
    iif("completed_at" IS NOT NULL AND NOT trim(CAST("completed_at" AS TEXT)) = '' AND ((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("completed_at" AS TEXT))) IS NULL, 'completed_at is no time', NULL),
    iif("mastery_score" IS NOT NULL AND (typeof("mastery_score") NOT IN ('integer', 'real') OR "mastery_score" NOT BETWEEN 0 AND 1), 'mastery_score is no number from 0 to 1', NULL),
    iif(typeof("attempts_count") <> 'integer' OR "attempts_count" < 0, 'attempts_count is no whole number from 0', NULL),
    iif("has_generated_subnodes" NOT IN (0, 1), 'has_generated_subnodes is neither 0 nor 1', NULL),
    iif(((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT))) IS NULL, 'created_at is no time', NULL),
    iif(((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("updated_at" AS TEXT))) IS NULL, 'updated_at is no time', NULL)),
  json_object('id', iif(typeof("id") = 'blob', quote("id"), "id"),
    'user_id', iif(typeof("user_id") = 'blob', quote("user_id"), "user_id"),
    'node_id', iif(typeof("node_id") = 'blob', quote("node_id"), "node_id"),
    'first_entered_at', iif(typeof("first_entered_at") = 'blob', quote("first_entered_at"), "first_entered_at"),
    'last_entered_at', iif(typeof("last_entered_at") = 'blob', quote("last_entered_at"), "last_entered_at"),
    'completed_at', iif(typeof("completed_at") = 'blob', quote("completed_at"), "completed_at"),
    'mastery_score', iif(typeof("mastery_score") = 'blob', quote("mastery_score"), "mastery_score"),
    'attempts_count', iif(typeof("attempts_count") = 'blob', quote("attempts_count"), "attempts_count"),
    'has_generated_subnodes', iif(typeof("has_generated_subnodes") = 'blob', quote("has_generated_subnodes"), "has_generated_subnodes"),
    'created_at', iif(typeof("created_at") = 'blob', quote("created_at"), "created_at"),
    'updated_at', iif(typeof("updated_at") = 'blob', quote("updated_at"), "updated_at"))
FROM "user_node_progress" AS t
WHERE NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'user_node_progress' AND "outcome" = 'removed' AND "row_id" = iif(typeof(t."id") = 'text', t."id", quote(t."id"))) AND
  (("first_entered_at" IS NOT NULL AND NOT trim(CAST("first_entered_at" AS TEXT)) = '' AND ((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("first_entered_at" AS TEXT))) IS NULL) OR
    ("last_entered_at" IS NOT NULL AND NOT trim(CAST("last_entered_at" AS TEXT)) = '' AND ((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("last_entered_at" AS TEXT))) IS NULL) OR
    ("completed_at" IS NOT NULL AND NOT trim(CAST("completed_at" AS TEXT)) = '' AND ((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("completed_at" AS TEXT))) IS NULL) OR
    ("mastery_score" IS NOT NULL AND (typeof("mastery_score") NOT IN ('integer', 'real') OR "mastery_score" NOT BETWEEN 0 AND 1)) OR
    (typeof("attempts_count") <> 'integer' OR "attempts_count" < 0) OR
    ("has_generated_subnodes" NOT IN (0, 1)) OR
    (((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT))) IS NULL) OR
    (((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("updated_at" AS TEXT))) IS NULL));
UPDATE "user_node_progress" AS t SET
    "first_entered_at" = CASE WHEN "first_entered_at" IS NULL OR trim(CAST("first_entered_at" AS TEXT)) = '' THEN NULL ELSE coalesce(
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("first_entered_at" AS TEXT)),
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT)),
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("last_entered_at" AS TEXT)),
      strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) END,
    "last_entered_at" = CASE WHEN "last_entered_at" IS NULL OR trim(CAST("last_entered_at" AS TEXT)) = '' THEN NULL ELSE coalesce(
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("last_entered_at" AS TEXT)),
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("updated_at" AS TEXT)),
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("first_entered_at" AS TEXT)),
      strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) END,
    "completed_at" = CASE WHEN "completed_at" IS NULL OR trim(CAST("completed_at" AS TEXT)) = '' THEN NULL ELSE coalesce(
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("completed_at" AS TEXT)),
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("updated_at" AS TEXT)),
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT)),
      strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) END,
    "mastery_score" = coalesce((SELECT max(0, min(1, iif(n > 1, n / 100.0, n))) FROM (SELECT CASE WHEN typeof("mastery_score") IN ('integer', 'real') THEN "mastery_score" WHEN trim(CAST("mastery_score" AS TEXT)) GLOB '[-0-9.]*[0-9]*' OR trim(CAST("mastery_score" AS TEXT)) GLOB '[0-9]*' THEN CAST(CAST("mastery_score" AS TEXT) AS REAL) END AS n)), 0),
    "attempts_count" = coalesce(max(0, CAST(CASE WHEN typeof("attempts_count") IN ('integer', 'real') THEN "attempts_count" WHEN trim(CAST("attempts_count" AS TEXT)) GLOB '[-0-9.]*[0-9]*' OR trim(CAST("attempts_count" AS TEXT)) GLOB '[0-9]*' THEN CAST(CAST("attempts_count" AS TEXT) AS REAL) END AS INTEGER)), 0),
    "has_generated_subnodes" = CASE WHEN typeof("has_generated_subnodes") IN ('integer', 'real') THEN "has_generated_subnodes" <> 0 WHEN lower(trim(CAST("has_generated_subnodes" AS TEXT))) IN ('true', 't', 'yes', 'y', 'on', '1') THEN 1
      WHEN lower(trim(CAST("has_generated_subnodes" AS TEXT))) IN ('false', 'f', 'no', 'n', 'off', '0') THEN 0 ELSE 0 END,
    "created_at" = coalesce(
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT)),
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("first_entered_at" AS TEXT)),
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("updated_at" AS TEXT)),
      strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    "updated_at" = coalesce(
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("updated_at" AS TEXT)),
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("last_entered_at" AS TEXT)),
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT)),
      strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
WHERE TRUE;
-- Rows of "chat_sessions".
INSERT INTO "set_aside" ("table_name", "row_id", "outcome", "reason", "row")
SELECT 'chat_sessions', iif(typeof(t."id") = 'text', t."id", quote(t."id")), 'removed',
  concat_ws('; ', iif(typeof("id") <> 'text', 'id is no text', NULL),
    iif(NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = t."user_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'users' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id")))), 'user_id refers to nothing that stays', NULL)),
  json_object('id', iif(typeof("id") = 'blob', quote("id"), "id"),
    'user_id', iif(typeof("user_id") = 'blob', quote("user_id"), "user_id"),
    'node_id', iif(typeof("node_id") = 'blob', quote("node_id"), "node_id"),
    'started_at', iif(typeof("started_at") = 'blob', quote("started_at"), "started_at"),
    'ended_at', iif(typeof("ended_at") = 'blob', quote("ended_at"), "ended_at"))
FROM "chat_sessions" AS t
WHERE ((typeof("id") <> 'text') OR
    (NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = t."user_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'users' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))))));
INSERT INTO "set_aside" ("table_name", "row_id", "outcome", "reason", "row")
SELECT 'chat_sessions', iif(typeof(t."id") = 'text', t."id", quote(t."id")), 'mended',
  concat_ws('; ', iif("node_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "nodes" AS p WHERE p."id" = t."node_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'nodes' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id")))), 'node_id refers to nothing that stays', NULL),
    iif(((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("started_at" AS TEXT))) IS NULL, 'started_at is no time', NULL),
    iif("ended_at" IS NOT NULL AND NOT trim(CAST("ended_at" AS TEXT)) = '' AND ((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("ended_at" AS TEXT))) IS NULL, 'ended_at is no time', NULL)),
  json_object('id', iif(typeof("id") = 'blob', quote("id"), "id"),
    'user_id', iif(typeof("user_id") = 'blob', quote("user_id"), "user_id"),
    'node_id', iif(typeof("node_id") = 'blob', quote("node_id"), "node_id"),
    'started_at', iif(typeof("started_at") = 'blob', quote("started_at"), "started_at"),
    'ended_at', iif(typeof("ended_at") = 'blob', quote("ended_at"), "ended_at"))
FROM "chat_sessions" AS t
WHERE NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'chat_sessions' AND "outcome" = 'removed' AND "row_id" = iif(typeof(t."id") = 'text', t."id", quote(t."id"))) AND
  (("node_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "nodes" AS p WHERE p."id" = t."node_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'nodes' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))))) OR
    (((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("started_at" AS TEXT))) IS NULL) OR
    ("ended_at" IS NOT NULL AND NOT trim(CAST("ended_at" AS TEXT)) = '' AND ((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("ended_at" AS TEXT))) IS NULL));
UPDATE "chat_sessions" AS t SET "node_id" = NULL
WHERE "node_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "nodes" AS p WHERE p."id" = t."node_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'nodes' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))));
UPDATE "chat_sessions" AS t SET
    "started_at" = coalesce(
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("started_at" AS TEXT)),
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("ended_at" AS TEXT)),
      strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    "ended_at" = CASE WHEN "ended_at" IS NULL OR trim(CAST("ended_at" AS TEXT)) = '' THEN NULL ELSE coalesce(
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("ended_at" AS TEXT)),
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("started_at" AS TEXT)),
      strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) END
WHERE TRUE;
-- Rows of "chat_messages".
INSERT INTO "set_aside" ("table_name", "row_id", "outcome", "reason", "row")
SELECT 'chat_messages', iif(typeof(t."id") = 'text', t."id", quote(t."id")), 'removed',
  concat_ws('; ', iif(typeof("id") <> 'text', 'id is no text', NULL),
    iif(NOT EXISTS (SELECT 1 FROM "chat_sessions" AS p WHERE p."id" = t."session_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'chat_sessions' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id")))), 'session_id refers to nothing that stays', NULL),
    iif(NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = t."user_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'users' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id")))), 'user_id refers to nothing that stays', NULL),
    iif(lower(trim(CAST("role" AS TEXT))) NOT IN ('system', 'user', 'assistant'), 'role is no word of its list', NULL)),
  json_object('id', iif(typeof("id") = 'blob', quote("id"), "id"),
    'session_id', iif(typeof("session_id") = 'blob', quote("session_id"), "session_id"),
    'user_id', iif(typeof("user_id") = 'blob', quote("user_id"), "user_id"),
    'role', iif(typeof("role") = 'blob', quote("role"), "role"),
    'kind', iif(typeof("kind") = 'blob', quote("kind"), "kind"),
    'content', iif(typeof("content") = 'blob', quote("content"), "content"),
    'was_successful', iif(typeof("was_successful") = 'blob', quote("was_successful"), "was_successful"),
    'success_signal', iif(typeof("success_signal") = 'blob', quote("success_signal"), "success_signal"),
    'created_at', iif(typeof("created_at") = 'blob', quote("created_at"), "created_at"))
FROM "chat_messages" AS t
WHERE ((typeof("id") <> 'text') OR
    (NOT EXISTS (SELECT 1 FROM "chat_sessions" AS p WHERE p."id" = t."session_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'chat_sessions' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))))) OR
    (NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = t."user_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'users' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))))) OR
    (lower(trim(CAST("role" AS TEXT))) NOT IN ('system', 'user', 'assistant')));
INSERT INTO "set_aside" ("table_name", "row_id", "outcome", "reason", "row")
SELECT 'chat_messages', iif(typeof(t."id") = 'text', t."id", quote(t."id")), 'mended',
  concat_ws('; ', iif(lower(trim(CAST("kind" AS TEXT))) NOT IN ('learning', 'hint_request', 'hint_response', 'evaluation'), 'kind is no word of its list', NULL),
    iif(typeof("content") = 'blob', 'content holds bytes', NULL),
    iif("was_successful" NOT IN (0, 1), 'was_successful is neither 0 nor 1', NULL),
    iif("success_signal" IS NOT NULL AND (typeof("success_signal") <> 'text' OR NOT json_valid("success_signal")), 'success_signal is no JSON', NULL),
    iif(((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT))) IS NULL, 'created_at is no time', NULL)),
  json_object('id', iif(typeof("id") = 'blob', quote("id"), "id"),
    'session_id', iif(typeof("session_id") = 'blob', quote("session_id"), "session_id"),
    'user_id', iif(typeof("user_id") = 'blob', quote("user_id"), "user_id"),
    'role', iif(typeof("role") = 'blob', quote("role"), "role"),
    'kind', iif(typeof("kind") = 'blob', quote("kind"), "kind"),
    'content', iif(typeof("content") = 'blob', quote("content"), "content"),
    'was_successful', iif(typeof("was_successful") = 'blob', quote("was_successful"), "was_successful"),
    'success_signal', iif(typeof("success_signal") = 'blob', quote("success_signal"), "success_signal"),
    'created_at', iif(typeof("created_at") = 'blob', quote("created_at"), "created_at"))
FROM "chat_messages" AS t
WHERE NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'chat_messages' AND "outcome" = 'removed' AND "row_id" = iif(typeof(t."id") = 'text', t."id", quote(t."id"))) AND
  ((lower(trim(CAST("kind" AS TEXT))) NOT IN ('learning', 'hint_request', 'hint_response', 'evaluation')) OR
    (typeof("content") = 'blob') OR
    ("was_successful" NOT IN (0, 1)) OR
    ("success_signal" IS NOT NULL AND (typeof("success_signal") <> 'text' OR NOT json_valid("success_signal"))) OR
    (((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT))) IS NULL));
UPDATE "chat_messages" SET
    "content" = CASE WHEN typeof("content") <> 'blob' THEN "content"
      WHEN length("content") = length(CAST("content" AS TEXT)) AND CAST("content" AS TEXT) NOT GLOB '*[^' || char(1) || '-~]*' THEN CAST("content" AS TEXT)
      ELSE quote("content") END
WHERE typeof("content") = 'blob';
UPDATE "chat_messages" AS t SET
    "role" = lower(trim(CAST("role" AS TEXT))),
    "kind" = iif(lower(trim(CAST("kind" AS TEXT))) IN ('learning', 'hint_request', 'hint_response', 'evaluation'), lower(trim(CAST("kind" AS TEXT))), 'learning'),
    "was_successful" = CASE WHEN typeof("was_successful") IN ('integer', 'real') THEN "was_successful" <> 0 WHEN lower(trim(CAST("was_successful" AS TEXT))) IN ('true', 't', 'yes', 'y', 'on', '1') THEN 1
      WHEN lower(trim(CAST("was_successful" AS TEXT))) IN ('false', 'f', 'no', 'n', 'off', '0') THEN 0 ELSE NULL END,
    "success_signal" = CASE WHEN "success_signal" IS NULL THEN NULL WHEN json_valid(CAST("success_signal" AS TEXT)) THEN CAST("success_signal" AS TEXT) ELSE NULL END,
    "created_at" = coalesce(
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT)),
      strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
WHERE TRUE;
-- Rows of "hint_events".
INSERT INTO "set_aside" ("table_name", "row_id", "outcome", "reason", "row")
SELECT 'hint_events', iif(typeof(t."id") = 'text', t."id", quote(t."id")), 'removed',
  concat_ws('; ', iif(typeof("id") <> 'text', 'id is no text', NULL),
    iif(NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = t."user_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'users' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id")))), 'user_id refers to nothing that stays', NULL),
    iif(NOT EXISTS (SELECT 1 FROM "nodes" AS p WHERE p."id" = t."node_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'nodes' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id")))), 'node_id refers to nothing that stays', NULL)),
  json_object('id', iif(typeof("id") = 'blob', quote("id"), "id"),
    'user_id', iif(typeof("user_id") = 'blob', quote("user_id"), "user_id"),
    'node_id', iif(typeof("node_id") = 'blob', quote("node_id"), "node_id"),
    'session_id', iif(typeof("session_id") = 'blob', quote("session_id"), "session_id"),
    'request_message_id', iif(typeof("request_message_id") = 'blob', quote("request_message_id"), "request_message_id"),
    'response_message_id', iif(typeof("response_message_id") = 'blob', quote("response_message_id"), "response_message_id"),
    'referenced_success_message_ids', iif(typeof("referenced_success_message_ids") = 'blob', quote("referenced_success_message_ids"), "referenced_success_message_ids"),
    'created_at', iif(typeof("created_at") = 'blob', quote("created_at"), "created_at"))
FROM "hint_events" AS t
WHERE ((typeof("id") <> 'text') OR
    (NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = t."user_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'users' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))))) OR
    (NOT EXISTS (SELECT 1 FROM "nodes" AS p WHERE p."id" = t."node_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'nodes' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))))));
INSERT INTO "set_aside" ("table_name", "row_id", "outcome", "reason", "row")
SELECT 'hint_events', iif(typeof(t."id") = 'text', t."id", quote(t."id")), 'mended',
  concat_ws('; ', iif("session_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "chat_sessions" AS p WHERE p."id" = t."session_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'chat_sessions' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id")))), 'session_id refers to nothing that stays', NULL),
    iif("request_message_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "chat_messages" AS p WHERE p."id" = t."request_message_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'chat_messages' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id")))), 'request_message_id refers to nothing that stays', NULL),
    iif("response_message_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "chat_messages" AS p WHERE p."id" = t."response_message_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'chat_messages' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id")))), 'response_message_id refers to nothing that stays', NULL),
    iif("referenced_success_message_ids" IS NOT NULL AND (typeof("referenced_success_message_ids") <> 'text' OR NOT json_valid("referenced_success_message_ids")), 'referenced_success_message_ids is no JSON', NULL),
    iif(((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT))) IS NULL, 'created_at is no time', NULL)),
  json_object('id', iif(typeof("id") = 'blob', quote("id"), "id"),
    'user_id', iif(typeof("user_id") = 'blob', quote("user_id"), "user_id"),
    'node_id', iif(typeof("node_id") = 'blob', quote("node_id"), "node_id"),
    'session_id', iif(typeof("session_id") = 'blob', quote("session_id"), "session_id"),
    'request_message_id', iif(typeof("request_message_id") = 'blob', quote("request_message_id"), "request_message_id"),
    'response_message_id', iif(typeof("response_message_id") = 'blob', quote("response_message_id"), "response_message_id"),
    'referenced_success_message_ids', iif(typeof("referenced_success_message_ids") = 'blob', quote("referenced_success_message_ids"), "referenced_success_message_ids"),
    'created_at', iif(typeof("created_at") = 'blob', quote("created_at"), "created_at"))
FROM "hint_events" AS t
WHERE NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'hint_events' AND "outcome" = 'removed' AND "row_id" = iif(typeof(t."id") = 'text', t."id", quote(t."id"))) AND
  (("session_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "chat_sessions" AS p WHERE p."id" = t."session_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'chat_sessions' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))))) OR
    ("request_message_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "chat_messages" AS p WHERE p."id" = t."request_message_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'chat_messages' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))))) OR
    ("response_message_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "chat_messages" AS p WHERE p."id" = t."response_message_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'chat_messages' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))))) OR
    ("referenced_success_message_ids" IS NOT NULL AND (typeof("referenced_success_message_ids") <> 'text' OR NOT json_valid("referenced_success_message_ids"))) OR
    (((SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT))) IS NULL));
UPDATE "hint_events" AS t SET "session_id" = NULL
WHERE "session_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "chat_sessions" AS p WHERE p."id" = t."session_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'chat_sessions' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))));
UPDATE "hint_events" AS t SET "request_message_id" = NULL
WHERE "request_message_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "chat_messages" AS p WHERE p."id" = t."request_message_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'chat_messages' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))));
UPDATE "hint_events" AS t SET "response_message_id" = NULL
WHERE "response_message_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "chat_messages" AS p WHERE p."id" = t."response_message_id" AND NOT EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'chat_messages' AND "outcome" = 'removed' AND "row_id" = iif(typeof(p."id") = 'text', p."id", quote(p."id"))));
UPDATE "hint_events" AS t SET
    "referenced_success_message_ids" = CASE WHEN "referenced_success_message_ids" IS NULL THEN NULL WHEN json_valid(CAST("referenced_success_message_ids" AS TEXT)) THEN CAST("referenced_success_message_ids" AS TEXT) ELSE NULL END,
    "created_at" = coalesce(
      (SELECT "iso" FROM "mend_times" WHERE "found" = CAST("created_at" AS TEXT)),
      strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
WHERE TRUE;
-- What cannot stay goes, what refers to it first.
DELETE FROM "hint_events" AS t WHERE EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'hint_events' AND "outcome" = 'removed' AND "row_id" = iif(typeof(t."id") = 'text', t."id", quote(t."id")));
DELETE FROM "chat_messages" AS t WHERE EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'chat_messages' AND "outcome" = 'removed' AND "row_id" = iif(typeof(t."id") = 'text', t."id", quote(t."id")));
DELETE FROM "chat_sessions" AS t WHERE EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'chat_sessions' AND "outcome" = 'removed' AND "row_id" = iif(typeof(t."id") = 'text', t."id", quote(t."id")));
DELETE FROM "user_node_progress" AS t WHERE EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'user_node_progress' AND "outcome" = 'removed' AND "row_id" = iif(typeof(t."id") = 'text', t."id", quote(t."id")));
DELETE FROM "answers" AS t WHERE EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'answers' AND "outcome" = 'removed' AND "row_id" = iif(typeof(t."id") = 'text', t."id", quote(t."id")));
DELETE FROM "questions" AS t WHERE EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'questions' AND "outcome" = 'removed' AND "row_id" = iif(typeof(t."id") = 'text', t."id", quote(t."id")));
DELETE FROM "assessments" AS t WHERE EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'assessments' AND "outcome" = 'removed' AND "row_id" = iif(typeof(t."id") = 'text', t."id", quote(t."id")));
DELETE FROM "node_generations" AS t WHERE EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'node_generations' AND "outcome" = 'removed' AND "row_id" = iif(typeof(t."id") = 'text', t."id", quote(t."id")));
DELETE FROM "node_contents" AS t WHERE EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'node_contents' AND "outcome" = 'removed' AND "row_id" = iif(typeof(t."id") = 'text', t."id", quote(t."id")));
DELETE FROM "topic_documents" AS t WHERE EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'topic_documents' AND "outcome" = 'removed' AND "row_id" = iif(typeof(t."id") = 'text', t."id", quote(t."id")));
DELETE FROM "node_edges" AS t WHERE EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'node_edges' AND "outcome" = 'removed' AND "row_id" = iif(typeof(t."id") = 'text', t."id", quote(t."id")));
DELETE FROM "nodes" AS t WHERE EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'nodes' AND "outcome" = 'removed' AND "row_id" = iif(typeof(t."id") = 'text', t."id", quote(t."id")));
DELETE FROM "branches" AS t WHERE EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'branches' AND "outcome" = 'removed' AND "row_id" = iif(typeof(t."id") = 'text', t."id", quote(t."id")));
DELETE FROM "users" AS t WHERE EXISTS (SELECT 1 FROM "set_aside" WHERE "table_name" = 'users' AND "outcome" = 'removed' AND "row_id" = iif(typeof(t."id") = 'text', t."id", quote(t."id")));
DROP TABLE "mend_times";

-- Create table "node_reviews".
CREATE TABLE "node_reviews" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "user_id" TEXT NOT NULL,
  "node_id" TEXT NOT NULL,
  "assessment_id" TEXT,
  "rating" INTEGER NOT NULL,
  "reviewed_at" TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) NOT NULL,
  "stability" REAL NOT NULL,
  "difficulty" REAL NOT NULL,
  "due_at" TEXT NOT NULL,
  CONSTRAINT "node_reviews_rating_check" CHECK (rating BETWEEN 1 AND 4),
  CONSTRAINT "node_reviews_reviewed_at_check" CHECK (reviewed_at IS strftime('%Y-%m-%dT%H:%M:%fZ', reviewed_at)),
  CONSTRAINT "node_reviews_stability_check" CHECK (stability > 0),
  CONSTRAINT "node_reviews_difficulty_check" CHECK (difficulty BETWEEN 1 AND 10),
  CONSTRAINT "node_reviews_due_at_check" CHECK (due_at IS strftime('%Y-%m-%dT%H:%M:%fZ', due_at)),
  FOREIGN KEY ("user_id") REFERENCES "users" ("id"),
  FOREIGN KEY ("node_id") REFERENCES "nodes" ("id"),
  FOREIGN KEY ("assessment_id") REFERENCES "assessments" ("id")
) STRICT;
--> statement-breakpoint
CREATE INDEX "node_reviews_node_idx" ON "node_reviews" ("node_id");
--> statement-breakpoint
CREATE INDEX "node_reviews_assessment_idx" ON "node_reviews" ("assessment_id");
--> statement-breakpoint
CREATE INDEX "node_reviews_user_node_reviewed_idx" ON "node_reviews" ("user_id", "node_id", "reviewed_at");
--> statement-breakpoint
-- Create table "node_schedules".
CREATE TABLE "node_schedules" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "user_id" TEXT NOT NULL,
  "node_id" TEXT NOT NULL,
  "due_at" TEXT NOT NULL,
  "stability" REAL NOT NULL,
  "difficulty" REAL NOT NULL,
  "last_reviewed_at" TEXT NOT NULL,
  "reviews_count" INTEGER DEFAULT 0 NOT NULL,
  "lapses" INTEGER DEFAULT 0 NOT NULL,
  CONSTRAINT "node_schedules_due_at_check" CHECK (due_at IS strftime('%Y-%m-%dT%H:%M:%fZ', due_at)),
  CONSTRAINT "node_schedules_stability_check" CHECK (stability > 0),
  CONSTRAINT "node_schedules_difficulty_check" CHECK (difficulty BETWEEN 1 AND 10),
  CONSTRAINT "node_schedules_last_reviewed_at_check" CHECK (last_reviewed_at IS strftime('%Y-%m-%dT%H:%M:%fZ', last_reviewed_at)),
  CONSTRAINT "node_schedules_reviews_count_check" CHECK (reviews_count >= 0),
  CONSTRAINT "node_schedules_lapses_check" CHECK (lapses BETWEEN 0 AND reviews_count),
  FOREIGN KEY ("user_id") REFERENCES "users" ("id"),
  FOREIGN KEY ("node_id") REFERENCES "nodes" ("id")
) STRICT;
--> statement-breakpoint
CREATE INDEX "node_schedules_node_idx" ON "node_schedules" ("node_id");
--> statement-breakpoint
CREATE UNIQUE INDEX "node_schedules_user_node_idx" ON "node_schedules" ("user_id", "node_id");
--> statement-breakpoint
CREATE INDEX "node_schedules_user_due_idx" ON "node_schedules" ("user_id", "due_at");
--> statement-breakpoint
-- Create table "search_entries".
CREATE TABLE "search_entries" (
  "id" INTEGER PRIMARY KEY NOT NULL,
  "document_id" TEXT,
  "content_id" TEXT,
  CONSTRAINT "search_entries_one_owner" CHECK ((document_id IS NULL) <> (content_id IS NULL)),
  FOREIGN KEY ("document_id") REFERENCES "topic_documents" ("id"),
  FOREIGN KEY ("content_id") REFERENCES "node_contents" ("id")
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX "search_entries_document_idx" ON "search_entries" ("document_id");
--> statement-breakpoint
CREATE UNIQUE INDEX "search_entries_content_idx" ON "search_entries" ("content_id");
--> statement-breakpoint
-- Rebuild table "users".
-- seedbed: rebuild "users"
-- hazard: rebuild users: the table is copied
-- hazard: may-fail-check users: rows that break (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)) make this fail
-- hazard: may-fail-check users: rows that break (updated_at IS strftime('%Y-%m-%dT%H:%M:%fZ', updated_at)) make this fail
-- hazard: may-fail-strict users: values that are not of their column's type make this fail
CREATE TABLE "__seedbed_new_users" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "email" TEXT NOT NULL,
  "title" TEXT,
  "desc" TEXT,
  "updated_at" TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) NOT NULL,
  "created_at" TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) NOT NULL,
  CONSTRAINT "users_updated_at_check" CHECK (updated_at IS strftime('%Y-%m-%dT%H:%M:%fZ', updated_at)),
  CONSTRAINT "users_created_at_check" CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at))
) STRICT;
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
-- hazard: may-fail-check branches: rows that break (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)) make this fail
-- hazard: may-fail-check branches: rows that break (updated_at IS strftime('%Y-%m-%dT%H:%M:%fZ', updated_at)) make this fail
-- hazard: may-fail-strict branches: values that are not of their column's type make this fail
CREATE TABLE "__seedbed_new_branches" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "title" TEXT NOT NULL,
  "user_id" TEXT NOT NULL,
  "created_at" TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) NOT NULL,
  "updated_at" TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) NOT NULL,
  CONSTRAINT "branches_created_at_check" CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)),
  CONSTRAINT "branches_updated_at_check" CHECK (updated_at IS strftime('%Y-%m-%dT%H:%M:%fZ', updated_at)),
  FOREIGN KEY ("user_id") REFERENCES "users" ("id")
) STRICT;
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
-- hazard: may-fail-check nodes: rows that break (accuracy_score BETWEEN 0 AND 1) make this fail
-- hazard: may-fail-check nodes: rows that break (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)) make this fail
-- hazard: may-fail-check nodes: rows that break ("type" IN ('root', 'concept', 'subconcept')) make this fail
-- hazard: may-fail-check nodes: rows that break (updated_at IS strftime('%Y-%m-%dT%H:%M:%fZ', updated_at)) make this fail
-- hazard: may-fail-strict nodes: values that are not of their column's type make this fail
CREATE TABLE "__seedbed_new_nodes" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "user_id" TEXT NOT NULL,
  "type" TEXT NOT NULL,
  "branch_id" TEXT,
  "parent_id" TEXT,
  "title" TEXT NOT NULL,
  "desc" TEXT,
  "accuracy_score" REAL DEFAULT 0.0 NOT NULL,
  "created_at" TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) NOT NULL,
  "updated_at" TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) NOT NULL,
  CONSTRAINT "nodes_type_enum" CHECK ("type" IN ('root', 'concept', 'subconcept')),
  CONSTRAINT "nodes_accuracy_score_check" CHECK (accuracy_score BETWEEN 0 AND 1),
  CONSTRAINT "nodes_created_at_check" CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)),
  CONSTRAINT "nodes_updated_at_check" CHECK (updated_at IS strftime('%Y-%m-%dT%H:%M:%fZ', updated_at)),
  FOREIGN KEY ("user_id") REFERENCES "users" ("id"),
  FOREIGN KEY ("branch_id") REFERENCES "branches" ("id"),
  FOREIGN KEY ("parent_id") REFERENCES "nodes" ("id")
) STRICT;
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
-- hazard: may-fail-check node_edges: rows that break (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)) make this fail
-- hazard: may-fail-check node_edges: rows that break (source_node_id <> target_node_id) make this fail
-- hazard: may-fail-strict node_edges: values that are not of their column's type make this fail
CREATE TABLE "__seedbed_new_node_edges" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "source_node_id" TEXT NOT NULL,
  "target_node_id" TEXT NOT NULL,
  "created_at" TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) NOT NULL,
  CONSTRAINT "node_edges_created_at_check" CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)),
  CONSTRAINT "node_edges_no_self_edge" CHECK (source_node_id <> target_node_id),
  FOREIGN KEY ("source_node_id") REFERENCES "nodes" ("id"),
  FOREIGN KEY ("target_node_id") REFERENCES "nodes" ("id")
) STRICT;
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
-- hazard: may-fail-check topic_documents: rows that break (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)) make this fail
-- hazard: may-fail-check topic_documents: rows that break ("extraction_status" IN ('pending', 'completed', 'failed')) make this fail
-- hazard: may-fail-check topic_documents: rows that break (file_size_bytes >= 0) make this fail
-- hazard: may-fail-strict topic_documents: values that are not of their column's type make this fail
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
  "created_at" TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) NOT NULL,
  CONSTRAINT "topic_documents_extraction_status_enum" CHECK ("extraction_status" IN ('pending', 'completed', 'failed')),
  CONSTRAINT "topic_documents_file_size_bytes_check" CHECK (file_size_bytes >= 0),
  CONSTRAINT "topic_documents_created_at_check" CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)),
  FOREIGN KEY ("node_id") REFERENCES "nodes" ("id")
) STRICT;
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
-- hazard: may-fail-check node_contents: rows that break (json_valid(cards)) make this fail
-- hazard: may-fail-check node_contents: rows that break (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)) make this fail
-- hazard: may-fail-check node_contents: rows that break ("status" IN ('draft', 'active', 'archived')) make this fail
-- hazard: may-fail-strict node_contents: values that are not of their column's type make this fail
CREATE TABLE "__seedbed_new_node_contents" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "node_id" TEXT NOT NULL,
  "explanation_md" TEXT NOT NULL,
  "visualization_kind" TEXT,
  "visualization_payload" TEXT,
  "generated_by_model" TEXT,
  "generation_prompt_hash" TEXT,
  "status" TEXT DEFAULT 'active' NOT NULL,
  "created_at" TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) NOT NULL,
  "cards" TEXT,
  CONSTRAINT "node_contents_status_enum" CHECK ("status" IN ('draft', 'active', 'archived')),
  CONSTRAINT "node_contents_created_at_check" CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)),
  CONSTRAINT "node_contents_cards_check" CHECK (json_valid(cards)),
  FOREIGN KEY ("node_id") REFERENCES "nodes" ("id")
) STRICT;
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
-- hazard: may-fail-check node_generations: rows that break (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)) make this fail
-- hazard: may-fail-check node_generations: rows that break (json_valid(response_meta)) make this fail
-- hazard: may-fail-check node_generations: rows that break ("trigger" IN ('on_first_enter', 'manual_regenerate', 'system_refresh')) make this fail
-- hazard: may-fail-strict node_generations: values that are not of their column's type make this fail
CREATE TABLE "__seedbed_new_node_generations" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "node_id" TEXT NOT NULL,
  "trigger" TEXT NOT NULL,
  "model" TEXT,
  "prompt" TEXT,
  "response_meta" TEXT,
  "created_at" TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) NOT NULL,
  CONSTRAINT "node_generations_trigger_enum" CHECK ("trigger" IN ('on_first_enter', 'manual_regenerate', 'system_refresh')),
  CONSTRAINT "node_generations_response_meta_check" CHECK (json_valid(response_meta)),
  CONSTRAINT "node_generations_created_at_check" CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)),
  FOREIGN KEY ("node_id") REFERENCES "nodes" ("id")
) STRICT;
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
-- hazard: may-fail-check assessments: rows that break (completed_at IS strftime('%Y-%m-%dT%H:%M:%fZ', completed_at)) make this fail
-- hazard: may-fail-check assessments: rows that break (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)) make this fail
-- hazard: may-fail-check assessments: rows that break ("type" IN ('diagnostic', 'quiz', 'recall')) make this fail
-- hazard: may-fail-strict assessments: values that are not of their column's type make this fail
CREATE TABLE "__seedbed_new_assessments" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "user_id" TEXT NOT NULL,
  "target_node_id" TEXT NOT NULL,
  "type" TEXT DEFAULT 'diagnostic' NOT NULL,
  "title" TEXT,
  "created_at" TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) NOT NULL,
  "completed_at" TEXT,
  CONSTRAINT "assessments_type_enum" CHECK ("type" IN ('diagnostic', 'quiz', 'recall')),
  CONSTRAINT "assessments_created_at_check" CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)),
  CONSTRAINT "assessments_completed_at_check" CHECK (completed_at IS strftime('%Y-%m-%dT%H:%M:%fZ', completed_at)),
  FOREIGN KEY ("user_id") REFERENCES "users" ("id"),
  FOREIGN KEY ("target_node_id") REFERENCES "nodes" ("id")
) STRICT;
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
-- hazard: may-fail-check questions: rows that break (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)) make this fail
-- hazard: may-fail-check questions: rows that break (difficulty BETWEEN 1 AND 5) make this fail
-- hazard: may-fail-check questions: rows that break ("format" IN ('mcq', 'open_ended')) make this fail
-- hazard: may-fail-check questions: rows that break (json_valid(grading_rubric)) make this fail
-- hazard: may-fail-check questions: rows that break (json_valid(options)) make this fail
-- hazard: may-fail-strict questions: values that are not of their column's type make this fail
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
  "created_at" TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) NOT NULL,
  CONSTRAINT "questions_format_enum" CHECK ("format" IN ('mcq', 'open_ended')),
  CONSTRAINT "questions_options_check" CHECK (json_valid(options)),
  CONSTRAINT "questions_grading_rubric_check" CHECK (json_valid(grading_rubric)),
  CONSTRAINT "questions_difficulty_check" CHECK (difficulty BETWEEN 1 AND 5),
  CONSTRAINT "questions_created_at_check" CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)),
  FOREIGN KEY ("assessment_id") REFERENCES "assessments" ("id"),
  FOREIGN KEY ("node_id") REFERENCES "nodes" ("id")
) STRICT;
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
-- hazard: may-fail-check answers: rows that break (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)) make this fail
-- hazard: may-fail-check answers: rows that break (is_correct IN (0, 1)) make this fail
-- hazard: may-fail-check answers: rows that break (score BETWEEN 0 AND 1) make this fail
-- hazard: may-fail-strict answers: values that are not of their column's type make this fail
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
  "created_at" TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) NOT NULL,
  CONSTRAINT "answers_is_correct_check" CHECK (is_correct IN (0, 1)),
  CONSTRAINT "answers_score_check" CHECK (score BETWEEN 0 AND 1),
  CONSTRAINT "answers_created_at_check" CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)),
  FOREIGN KEY ("user_id") REFERENCES "users" ("id"),
  FOREIGN KEY ("assessment_id") REFERENCES "assessments" ("id"),
  FOREIGN KEY ("question_id") REFERENCES "questions" ("id")
) STRICT;
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
-- hazard: may-fail-check user_node_progress: rows that break (attempts_count >= 0) make this fail
-- hazard: may-fail-check user_node_progress: rows that break (completed_at IS strftime('%Y-%m-%dT%H:%M:%fZ', completed_at)) make this fail
-- hazard: may-fail-check user_node_progress: rows that break (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)) make this fail
-- hazard: may-fail-check user_node_progress: rows that break (first_entered_at IS strftime('%Y-%m-%dT%H:%M:%fZ', first_entered_at)) make this fail
-- hazard: may-fail-check user_node_progress: rows that break (has_generated_subnodes IN (0, 1)) make this fail
-- hazard: may-fail-check user_node_progress: rows that break (last_entered_at IS strftime('%Y-%m-%dT%H:%M:%fZ', last_entered_at)) make this fail
-- hazard: may-fail-check user_node_progress: rows that break (mastery_score BETWEEN 0 AND 1) make this fail
-- hazard: may-fail-check user_node_progress: rows that break (updated_at IS strftime('%Y-%m-%dT%H:%M:%fZ', updated_at)) make this fail
-- hazard: may-fail-strict user_node_progress: values that are not of their column's type make this fail
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
  "created_at" TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) NOT NULL,
  "updated_at" TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) NOT NULL,
  CONSTRAINT "user_node_progress_first_entered_at_check" CHECK (first_entered_at IS strftime('%Y-%m-%dT%H:%M:%fZ', first_entered_at)),
  CONSTRAINT "user_node_progress_last_entered_at_check" CHECK (last_entered_at IS strftime('%Y-%m-%dT%H:%M:%fZ', last_entered_at)),
  CONSTRAINT "user_node_progress_completed_at_check" CHECK (completed_at IS strftime('%Y-%m-%dT%H:%M:%fZ', completed_at)),
  CONSTRAINT "user_node_progress_mastery_score_check" CHECK (mastery_score BETWEEN 0 AND 1),
  CONSTRAINT "user_node_progress_attempts_count_check" CHECK (attempts_count >= 0),
  CONSTRAINT "user_node_progress_has_generated_subnodes_check" CHECK (has_generated_subnodes IN (0, 1)),
  CONSTRAINT "user_node_progress_created_at_check" CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)),
  CONSTRAINT "user_node_progress_updated_at_check" CHECK (updated_at IS strftime('%Y-%m-%dT%H:%M:%fZ', updated_at)),
  FOREIGN KEY ("user_id") REFERENCES "users" ("id"),
  FOREIGN KEY ("node_id") REFERENCES "nodes" ("id")
) STRICT;
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
-- hazard: may-fail-check chat_sessions: rows that break (ended_at IS strftime('%Y-%m-%dT%H:%M:%fZ', ended_at)) make this fail
-- hazard: may-fail-check chat_sessions: rows that break (started_at IS strftime('%Y-%m-%dT%H:%M:%fZ', started_at)) make this fail
-- hazard: may-fail-strict chat_sessions: values that are not of their column's type make this fail
CREATE TABLE "__seedbed_new_chat_sessions" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "user_id" TEXT NOT NULL,
  "node_id" TEXT,
  "started_at" TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) NOT NULL,
  "ended_at" TEXT,
  CONSTRAINT "chat_sessions_started_at_check" CHECK (started_at IS strftime('%Y-%m-%dT%H:%M:%fZ', started_at)),
  CONSTRAINT "chat_sessions_ended_at_check" CHECK (ended_at IS strftime('%Y-%m-%dT%H:%M:%fZ', ended_at)),
  FOREIGN KEY ("user_id") REFERENCES "users" ("id"),
  FOREIGN KEY ("node_id") REFERENCES "nodes" ("id")
) STRICT;
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
-- hazard: may-fail-check chat_messages: rows that break (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)) make this fail
-- hazard: may-fail-check chat_messages: rows that break ("kind" IN ('learning', 'hint_request', 'hint_response', 'evaluation')) make this fail
-- hazard: may-fail-check chat_messages: rows that break ("role" IN ('system', 'user', 'assistant')) make this fail
-- hazard: may-fail-check chat_messages: rows that break (json_valid(success_signal)) make this fail
-- hazard: may-fail-check chat_messages: rows that break (was_successful IN (0, 1)) make this fail
-- hazard: may-fail-strict chat_messages: values that are not of their column's type make this fail
CREATE TABLE "__seedbed_new_chat_messages" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "session_id" TEXT NOT NULL,
  "user_id" TEXT NOT NULL,
  "role" TEXT NOT NULL,
  "kind" TEXT DEFAULT 'learning' NOT NULL,
  "content" TEXT NOT NULL,
  "was_successful" INTEGER,
  "success_signal" TEXT,
  "created_at" TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) NOT NULL,
  CONSTRAINT "chat_messages_role_enum" CHECK ("role" IN ('system', 'user', 'assistant')),
  CONSTRAINT "chat_messages_kind_enum" CHECK ("kind" IN ('learning', 'hint_request', 'hint_response', 'evaluation')),
  CONSTRAINT "chat_messages_was_successful_check" CHECK (was_successful IN (0, 1)),
  CONSTRAINT "chat_messages_success_signal_check" CHECK (json_valid(success_signal)),
  CONSTRAINT "chat_messages_created_at_check" CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)),
  FOREIGN KEY ("session_id") REFERENCES "chat_sessions" ("id"),
  FOREIGN KEY ("user_id") REFERENCES "users" ("id")
) STRICT;
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
-- hazard: may-fail-check hint_events: rows that break (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)) make this fail
-- hazard: may-fail-check hint_events: rows that break (json_valid(referenced_success_message_ids)) make this fail
-- hazard: may-fail-strict hint_events: values that are not of their column's type make this fail
CREATE TABLE "__seedbed_new_hint_events" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "user_id" TEXT NOT NULL,
  "node_id" TEXT NOT NULL,
  "session_id" TEXT,
  "request_message_id" TEXT,
  "response_message_id" TEXT,
  "referenced_success_message_ids" TEXT,
  "created_at" TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) NOT NULL,
  CONSTRAINT "hint_events_referenced_success_message_ids_check" CHECK (json_valid(referenced_success_message_ids)),
  CONSTRAINT "hint_events_created_at_check" CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)),
  FOREIGN KEY ("user_id") REFERENCES "users" ("id"),
  FOREIGN KEY ("node_id") REFERENCES "nodes" ("id"),
  FOREIGN KEY ("session_id") REFERENCES "chat_sessions" ("id"),
  FOREIGN KEY ("request_message_id") REFERENCES "chat_messages" ("id"),
  FOREIGN KEY ("response_message_id") REFERENCES "chat_messages" ("id")
) STRICT;
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
