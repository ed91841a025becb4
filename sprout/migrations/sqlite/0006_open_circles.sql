-- The original took edges in both directions, so that nodes could wait for each other. The oldest edges are kept, and one that
-- would close a circle with those before it goes to "set_aside". A trigger looks for the way back, edge after edge.
CREATE TEMP TABLE "kept_edges" ("source" TEXT NOT NULL, "target" TEXT NOT NULL, PRIMARY KEY ("source", "target")) WITHOUT ROWID;
CREATE TEMP TRIGGER "kept_edges_open" BEFORE INSERT ON "kept_edges"
WHEN EXISTS (
  WITH RECURSIVE "reached" ("node") AS (
    VALUES (NEW."target")
    UNION
    SELECT k."target" FROM "reached" JOIN "kept_edges" AS k ON k."source" = "reached"."node"
  )
  SELECT 1 FROM "reached" WHERE "node" = NEW."source"
)
BEGIN
  SELECT RAISE(IGNORE);
END;
INSERT INTO "kept_edges" ("source", "target")
SELECT "source_node_id", "target_node_id" FROM "node_edges" ORDER BY "created_at", rowid;
INSERT INTO "set_aside" ("table_name", "row_id", "outcome", "reason", "row")
SELECT 'node_edges', "id", 'removed', 'closes a circle with older edges',
  json_object('id', "id", 'source_node_id', "source_node_id", 'target_node_id', "target_node_id", 'created_at', "created_at")
FROM "node_edges" AS t
WHERE NOT EXISTS (SELECT 1 FROM "kept_edges" WHERE "source" = t."source_node_id" AND "target" = t."target_node_id");
DELETE FROM "node_edges" AS t
WHERE NOT EXISTS (SELECT 1 FROM "kept_edges" WHERE "source" = t."source_node_id" AND "target" = t."target_node_id");
DROP TABLE "kept_edges";
