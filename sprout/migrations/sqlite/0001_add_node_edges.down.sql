-- Drop table "node_edges".
-- hazard: drop-table node_edges: the table and all its rows are dropped
DROP TABLE "node_edges";
