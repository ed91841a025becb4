-- Every way to write a table that people and tools have. SQLite's pragmas say what it means.
/* A comment; with a semicolon, and a 'quote */
PRAGMA foreign_keys = OFF;
BEGIN;
create table `back``tick` (`id` integer primary key autoincrement, [br acket] varchar ( 20 ) not null default 'it''s', "dou""ble" decimal(10 , 2), 'single' "odd type" null);
CREATE TABLE IF NOT EXISTS main."Mixed Case"(
    id INT CONSTRAINT "Mixed pk" PRIMARY KEY DESC ON CONFLICT ABORT, -- an inline key that is no rowid
    a TEXT COLLATE NOCASE CONSTRAINT "a is unique" UNIQUE CHECK (a <> ''), b/*inside*/INTEGER DEFAULT -7 NOT NULL,
    c REAL DEFAULT +1.5e3, d BLOB DEFAULT x'00ff', e DEFAULT (1 + 2), f TEXT DEFAULT CURRENT_TIMESTAMP, g DEFAULT TRUE,
    h TEXT DEFAULT "double", "i" AS (b * 2), j INTEGER GENERATED ALWAYS AS (b + 1) STORED, k NATIVE CHARACTER(70), -- , ) (
    CONSTRAINT "two" UNIQUE (a COLLATE BINARY, b), UNIQUE (c), CONSTRAINT positive CHECK (b > 0 OR (b) IN (-1, -7)), CHECK (length(f) > 0)
);
CREATE TABLE child (
    id INTEGER NOT NULL PRIMARY KEY,
    parent INT REFERENCES `back``tick` ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,
    self INTEGER CONSTRAINT up REFERENCES child(id) ON DELETE RESTRICT NOT DEFERRABLE,
    x TEXT, y INTEGER, later INT REFERENCES nowhere (z) MATCH FULL,
    FOREIGN KEY (x, y) REFERENCES keyless (m, n) ON UPDATE SET DEFAULT
) STRICT;
CREATE TABLE keyless (m TEXT, n INTEGER, o, PRIMARY KEY (m, n DESC)) WITHOUT ROWID;
CREATE TABLE both (a TEXT PRIMARY KEY, b ANY) STRICT, WITHOUT ROWID;
CREATE TABLE made AS SELECT id AS "new id", 'text' AS words, parent, 1.5 FROM child;
CREATE UNIQUE INDEX "an index" ON child (x COLLATE NOCASE DESC, lower(x), y) WHERE y IS NOT NULL AND x <> ';';
CREATE INDEX IF NOT EXISTS main.[second index] ON "Mixed Case" ("a", b ASC);
ALTER TABLE child ADD COLUMN added TEXT DEFAULT 'x' CHECK (added IN ('x', 'y'));
ALTER TABLE keyless RENAME COLUMN o TO "renamed o";
ALTER TABLE made RENAME TO remade;
CREATE VIEW "a view" ("one", two) AS WITH c AS (SELECT 1 AS n) SELECT c.n, child.x FROM c, child -- the end
;
CREATE VIEW plain AS SELECT * FROM "a view";
CREATE TRIGGER [on view] INSTEAD OF INSERT ON "a view" BEGIN INSERT INTO child (id, x) VALUES (NEW.one, CASE WHEN 1 THEN 'end;' END); END;
CREATE TRIGGER IF NOT EXISTS watch AFTER UPDATE OF x, y ON child FOR EACH ROW WHEN NEW.x <> 'END' BEGIN
    SELECT CASE WHEN NEW.y > 0 THEN raise(ABORT, 'no; not so') END;
    DELETE FROM remade WHERE words = OLD.x;
END;
INSERT INTO child (id) VALUES (1);
COMMIT;
