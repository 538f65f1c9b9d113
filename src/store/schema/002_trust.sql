-- Who made a version and how it came about; see `domain::history`.
ALTER TABLE change_log ADD COLUMN actor TEXT;
ALTER TABLE change_log ADD COLUMN kind TEXT NOT NULL DEFAULT 'edit'
    CHECK (kind IN ('edit', 'undo', 'redo', 'restore', 'lost', 'merged'));

-- Fields whose last edit here takes something back: if the platform changed them since, that edit yields.
ALTER TABLE cards ADD COLUMN undoing TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(undoing));

-- A conflict may end with a text put together from both sides, and says who decided.
CREATE TABLE conflicts_next (
    id          INTEGER PRIMARY KEY,
    link_id     TEXT NOT NULL REFERENCES feature_issue_links (id) ON DELETE CASCADE,
    field       TEXT NOT NULL,
    base        TEXT,
    local       TEXT NOT NULL,
    remote      TEXT NOT NULL,
    winner      TEXT CHECK (winner IN ('local', 'remote', 'merged')),
    merged      TEXT,
    decided_by  TEXT,
    found_at    INTEGER NOT NULL,
    resolved_at INTEGER
) STRICT;
-- The first schema kept the base as plain text, or as the JSON of a list.
INSERT INTO conflicts_next (id, link_id, field, base, local, remote, winner, decided_by, found_at, resolved_at)
    SELECT id, link_id, field,
           CASE WHEN base IS NULL THEN NULL WHEN field IN ('labels', 'assignees') THEN base ELSE json_quote(base) END,
           local, remote, winner, CASE WHEN winner IS NULL THEN NULL ELSE 'policy' END, found_at, resolved_at
    FROM conflicts;
DROP TABLE conflicts;
ALTER TABLE conflicts_next RENAME TO conflicts;
CREATE INDEX conflicts_by_link ON conflicts (link_id);
CREATE UNIQUE INDEX open_conflicts ON conflicts (link_id, field) WHERE resolved_at IS NULL;

-- The audit log becomes a chain: each row's hash covers the row and the hash before it. Rows written before are
-- sealed when this migration runs.
ALTER TABLE audit ADD COLUMN actor TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN card_id TEXT;
ALTER TABLE audit ADD COLUMN hash TEXT NOT NULL DEFAULT '';
CREATE INDEX audit_by_card ON audit (card_id) WHERE card_id IS NOT NULL;
-- The last row that retention removed; the chain goes on from its hash.
CREATE TABLE audit_anchor (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    seq  INTEGER NOT NULL,
    hash TEXT NOT NULL
) STRICT;

-- Changes made by one act; a large act asks before it is sent.
ALTER TABLE outbox ADD COLUMN act INTEGER;

-- Why a link's item is gone, as long as it is; the card stays.
ALTER TABLE feature_issue_links ADD COLUMN gone TEXT;
CREATE INDEX links_by_number ON feature_issue_links (connection, issue_number) WHERE issue_number IS NOT NULL;

-- What a connection asked a person, and the answer.
CREATE TABLE questions (
    id          INTEGER PRIMARY KEY,
    connection  TEXT NOT NULL,
    kind        TEXT NOT NULL,
    act         INTEGER,
    detail      TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(detail)),
    asked_at    INTEGER NOT NULL,
    answer      TEXT CHECK (answer IN ('go', 'stop')),
    answered_at INTEGER
) STRICT;
CREATE INDEX questions_by_connection ON questions (connection);

-- What a person asked of a connection that another process synchronises.
CREATE TABLE asks (
    connection TEXT NOT NULL,
    what       TEXT NOT NULL CHECK (what IN ('sync', 'retry', 'census')),
    at         INTEGER NOT NULL,
    PRIMARY KEY (connection, what)
) STRICT;

-- The repository a connection was first seen on, and when its items were last counted.
ALTER TABLE health ADD COLUMN repository_id TEXT;
ALTER TABLE health ADD COLUMN counted_at INTEGER;
-- The health as the synchronising process last showed it, for whoever else looks.
ALTER TABLE health ADD COLUMN snapshot TEXT CHECK (snapshot IS NULL OR json_valid(snapshot));
ALTER TABLE health ADD COLUMN snapshot_at INTEGER;
