-- Drop table "set_aside".
-- hazard: drop-table set_aside: the table and all its rows are dropped
DROP TABLE "set_aside";
