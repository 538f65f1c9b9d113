-- What a person gave for fields that a platform wants with a move, until the move is confirmed or given up.
CREATE TABLE answers (
    link_id TEXT PRIMARY KEY REFERENCES feature_issue_links (id) ON DELETE CASCADE,
    status  TEXT NOT NULL,
    given   TEXT NOT NULL CHECK (json_valid(given)),
    at      INTEGER NOT NULL
) STRICT;

-- What a platform asks before it makes a queued move; the row waits, parked, until a person answers.
ALTER TABLE outbox ADD COLUMN asks TEXT CHECK (asks IS NULL OR json_valid(asks));
