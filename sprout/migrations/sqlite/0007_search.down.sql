-- The texts are in their own tables; what goes is the index over them.
DROP TRIGGER "search_entry_added";
DROP TRIGGER "search_entry_removed";
DROP TRIGGER "search_document_added";
DROP TRIGGER "search_document_changes";
DROP TRIGGER "search_document_changed";
DROP TRIGGER "search_document_removed";
DROP TRIGGER "search_content_added";
DROP TRIGGER "search_content_changes";
DROP TRIGGER "search_content_changed";
DROP TRIGGER "search_content_removed";
DROP TABLE "search_index";
DROP VIEW "search_texts";
DELETE FROM "search_entries" WHERE TRUE;
