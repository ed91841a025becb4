-- Drop table "topic_documents".
-- hazard: drop-table topic_documents: the table and all its rows are dropped
DROP TABLE "topic_documents";
