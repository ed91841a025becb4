-- Drop table "object_removals".
-- hazard: drop-table object_removals: the table and all its rows are dropped
DROP TABLE "object_removals";
