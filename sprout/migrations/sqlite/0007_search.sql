-- Full-text search over documents and active contents. The index keeps no text of its own: it reads "search_texts" by the number
-- of a row of "search_entries". Whoever adds an entry adds it to the index, and whoever removes one removes it there, while the
-- text is still what was indexed; so no change reads the whole index.
CREATE VIEW "search_texts" ("id", "name", "body") AS
  SELECT e."id", d."original_filename", d."extracted_text"
  FROM "search_entries" AS e JOIN "topic_documents" AS d ON d."id" = e."document_id"
  UNION ALL
  SELECT e."id", NULL, c."explanation_md"
  FROM "search_entries" AS e JOIN "node_contents" AS c ON c."id" = e."content_id";

CREATE VIRTUAL TABLE "search_index" USING fts5 (
  "name", "body", content = 'search_texts', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);

INSERT OR IGNORE INTO "search_entries" ("document_id") SELECT "id" FROM "topic_documents" ORDER BY rowid;
INSERT OR IGNORE INTO "search_entries" ("content_id") SELECT "id" FROM "node_contents" WHERE "status" = 'active' ORDER BY rowid;
INSERT INTO "search_index" ("search_index") VALUES ('rebuild');

CREATE TRIGGER "search_entry_added" AFTER INSERT ON "search_entries" BEGIN
  INSERT INTO "search_index" (rowid, "name", "body") SELECT "id", "name", "body" FROM "search_texts" WHERE "id" = NEW."id";
END;
CREATE TRIGGER "search_entry_removed" BEFORE DELETE ON "search_entries" BEGIN
  INSERT INTO "search_index" ("search_index", rowid, "name", "body")
  SELECT 'delete', "id", "name", "body" FROM "search_texts" WHERE "id" = OLD."id";
END;

CREATE TRIGGER "search_document_added" AFTER INSERT ON "topic_documents" BEGIN
  INSERT INTO "search_entries" ("document_id") VALUES (NEW."id");
END;
CREATE TRIGGER "search_document_changes" BEFORE UPDATE OF "original_filename", "extracted_text" ON "topic_documents" BEGIN
  DELETE FROM "search_entries" WHERE "document_id" = OLD."id";
END;
CREATE TRIGGER "search_document_changed" AFTER UPDATE OF "original_filename", "extracted_text" ON "topic_documents" BEGIN
  INSERT INTO "search_entries" ("document_id") VALUES (NEW."id");
END;
CREATE TRIGGER "search_document_removed" BEFORE DELETE ON "topic_documents" BEGIN
  DELETE FROM "search_entries" WHERE "document_id" = OLD."id";
END;

CREATE TRIGGER "search_content_added" AFTER INSERT ON "node_contents" WHEN NEW."status" = 'active' BEGIN
  INSERT INTO "search_entries" ("content_id") VALUES (NEW."id");
END;
CREATE TRIGGER "search_content_changes" BEFORE UPDATE OF "explanation_md", "status" ON "node_contents" BEGIN
  DELETE FROM "search_entries" WHERE "content_id" = OLD."id";
END;
CREATE TRIGGER "search_content_changed" AFTER UPDATE OF "explanation_md", "status" ON "node_contents"
WHEN NEW."status" = 'active' BEGIN
  INSERT INTO "search_entries" ("content_id") VALUES (NEW."id");
END;
CREATE TRIGGER "search_content_removed" BEFORE DELETE ON "node_contents" BEGIN
  DELETE FROM "search_entries" WHERE "content_id" = OLD."id";
END;
