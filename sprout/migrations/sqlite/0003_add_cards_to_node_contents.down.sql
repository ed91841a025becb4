-- Drop column "cards" of "node_contents".
-- hazard: drop-column node_contents.cards: the column and its values are dropped
ALTER TABLE "node_contents" DROP COLUMN "cards";
