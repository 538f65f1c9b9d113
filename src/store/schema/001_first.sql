-- Times are milliseconds since the epoch, except in the three tables other tools read, where they are RFC 3339.

-- One row: `touched` rises with every write, so that any process can ask what changed since it last looked.
CREATE TABLE counter (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    touched INTEGER NOT NULL
) STRICT;
INSERT INTO counter VALUES (1, 0);

CREATE TABLE cards (
    id          TEXT PRIMARY KEY,
    kind        TEXT NOT NULL CHECK (kind IN ('epic', 'issue', 'task')),
    title       TEXT NOT NULL,
    status      TEXT NOT NULL,
    rank        INTEGER NOT NULL,
    labels      TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(labels)),
    assignees   TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(assignees)),
    milestone   TEXT,
    author      TEXT,
    revision    INTEGER NOT NULL,
    edited      TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(edited)),
    archived_at INTEGER,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    touched     INTEGER NOT NULL
) STRICT;
CREATE INDEX cards_by_place ON cards (status, rank, id) WHERE archived_at IS NULL;
CREATE INDEX cards_by_touched ON cards (touched);
CREATE INDEX cards_by_milestone ON cards (milestone) WHERE milestone IS NOT NULL;

CREATE TABLE bodies (
    card_id TEXT PRIMARY KEY REFERENCES cards (id) ON DELETE CASCADE,
    body    TEXT NOT NULL
) STRICT;

CREATE TABLE change_log (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    card_id TEXT NOT NULL,
    at      INTEGER NOT NULL,
    origin  TEXT NOT NULL,
    field   TEXT NOT NULL,
    before  TEXT,
    after   TEXT
) STRICT;
CREATE INDEX change_log_by_card ON change_log (card_id, seq);

-- One row per configured connection. `api_token_name` says where the token is found, never what it is.
CREATE TABLE git_integration_config (
    id                INTEGER PRIMARY KEY,
    name              TEXT NOT NULL UNIQUE,
    platform          TEXT NOT NULL,
    repository_url    TEXT NOT NULL,
    api_token_name    TEXT NOT NULL,
    default_labels    TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(default_labels)),
    auto_sync_enabled INTEGER NOT NULL DEFAULT 1,
    issue_template    TEXT,
    mapping           TEXT NOT NULL DEFAULT '',
    created_at        TEXT NOT NULL
) STRICT;

-- One row per card and connection. An issue or epic is `feature_id`; a task is `task_id`.
CREATE TABLE feature_issue_links (
    id           TEXT PRIMARY KEY,
    feature_id   TEXT REFERENCES cards (id) ON DELETE CASCADE,
    task_id      TEXT REFERENCES cards (id) ON DELETE CASCADE,
    card_id      TEXT NOT NULL GENERATED ALWAYS AS (COALESCE(task_id, feature_id)) STORED,
    connection   TEXT NOT NULL,
    platform     TEXT NOT NULL,
    repository   TEXT NOT NULL,
    remote_id    TEXT,
    issue_number INTEGER,
    issue_url    TEXT,
    sync_status  TEXT NOT NULL DEFAULT 'pending' CHECK (sync_status IN ('synced', 'pending', 'failed', 'manual')),
    note         TEXT,
    mapped       INTEGER NOT NULL DEFAULT 1,
    last_synced  TEXT,
    created_at   TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX links_by_card ON feature_issue_links (card_id, connection);
CREATE UNIQUE INDEX links_by_remote ON feature_issue_links (connection, remote_id) WHERE remote_id IS NOT NULL;

-- What a link's two sides last agreed on, and the item as it was last seen. Apart from the links, which are read whole
-- with the board: a base holds the body.
CREATE TABLE link_sides (
    link_id TEXT PRIMARY KEY REFERENCES feature_issue_links (id) ON DELETE CASCADE,
    base    TEXT CHECK (base IS NULL OR json_valid(base)),
    remote  TEXT CHECK (remote IS NULL OR json_valid(remote))
) STRICT;

CREATE TABLE release_milestones (
    id                    INTEGER PRIMARY KEY,
    milestone_name        TEXT NOT NULL,
    target_date           TEXT,
    platform_milestone_id TEXT,
    connection            TEXT NOT NULL DEFAULT '',
    included_features     TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(included_features)),
    status                TEXT NOT NULL DEFAULT 'planning'
                          CHECK (status IN ('planning', 'active', 'completed', 'cancelled')),
    created_at            TEXT NOT NULL,
    UNIQUE (connection, milestone_name)
) STRICT;

-- What a platform has not confirmed yet: one row per link however many edits. It holds no payload; what is sent is
-- worked out from base and card when it is sent.
CREATE TABLE outbox (
    link_id         TEXT PRIMARY KEY REFERENCES feature_issue_links (id) ON DELETE CASCADE,
    revision        INTEGER NOT NULL,
    queued_at       INTEGER NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER NOT NULL DEFAULT 0,
    parked          INTEGER NOT NULL DEFAULT 0,
    reason          TEXT,
    lease_owner     TEXT,
    lease_until     INTEGER
) STRICT;

-- A create that was sent and is not yet known to have arrived.
CREATE TABLE intents (
    link_id         TEXT PRIMARY KEY REFERENCES feature_issue_links (id) ON DELETE CASCADE,
    started_at      INTEGER NOT NULL,
    server_since    INTEGER NOT NULL,
    lookups         INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Comments on their way. The id is the marker by which a comment is found again.
CREATE TABLE deliveries (
    id              TEXT PRIMARY KEY,
    link_id         TEXT NOT NULL REFERENCES feature_issue_links (id) ON DELETE CASCADE,
    body            TEXT NOT NULL,
    queued_at       INTEGER NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER NOT NULL DEFAULT 0,
    parked          INTEGER NOT NULL DEFAULT 0,
    reason          TEXT
) STRICT;
CREATE INDEX deliveries_by_link ON deliveries (link_id);

-- Comments made on this machine on cards that have no link.
CREATE TABLE local_comments (
    id      TEXT PRIMARY KEY,
    card_id TEXT NOT NULL REFERENCES cards (id) ON DELETE CASCADE,
    body    TEXT NOT NULL,
    at      INTEGER NOT NULL
) STRICT;
CREATE INDEX local_comments_by_card ON local_comments (card_id);

-- The comments of a link as they were last read, so that they can be shown without a connection.
CREATE TABLE comment_cache (
    link_id    TEXT PRIMARY KEY REFERENCES feature_issue_links (id) ON DELETE CASCADE,
    comments   TEXT NOT NULL CHECK (json_valid(comments)),
    fetched_at INTEGER NOT NULL
) STRICT;

CREATE TABLE cursors (
    connection TEXT PRIMARY KEY,
    cursor     TEXT NOT NULL CHECK (json_valid(cursor)),
    at         INTEGER NOT NULL
) STRICT;

CREATE TABLE conflicts (
    id          INTEGER PRIMARY KEY,
    link_id     TEXT NOT NULL REFERENCES feature_issue_links (id) ON DELETE CASCADE,
    field       TEXT NOT NULL,
    base        TEXT,
    local       TEXT NOT NULL,
    remote      TEXT NOT NULL,
    winner      TEXT CHECK (winner IN ('local', 'remote')),
    found_at    INTEGER NOT NULL,
    resolved_at INTEGER
) STRICT;
CREATE INDEX conflicts_by_link ON conflicts (link_id);
CREATE UNIQUE INDEX open_conflicts ON conflicts (link_id, field) WHERE resolved_at IS NULL;

CREATE TABLE audit (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    at         INTEGER NOT NULL,
    origin     TEXT NOT NULL,
    connection TEXT,
    action     TEXT NOT NULL,
    object     TEXT NOT NULL,
    fields     TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(fields)),
    outcome    TEXT NOT NULL,
    request_id TEXT
) STRICT;

-- What must outlive the process about a connection.
CREATE TABLE health (
    connection      TEXT PRIMARY KEY,
    last_good       INTEGER,
    cool_down_until INTEGER,
    clock_offset_ms INTEGER NOT NULL DEFAULT 0,
    breaker         TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(breaker)),
    reason          TEXT
) STRICT;
