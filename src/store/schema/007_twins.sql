-- Two cards that a person said are not the same work; the lower id first.
CREATE TABLE twins_dismissed (
    low  TEXT NOT NULL REFERENCES cards (id) ON DELETE CASCADE,
    high TEXT NOT NULL REFERENCES cards (id) ON DELETE CASCADE,
    at   INTEGER NOT NULL,
    PRIMARY KEY (low, high)
) STRICT;

-- The connection from which the card's value in a conflict came; without it a person at this board made it.
ALTER TABLE conflicts ADD COLUMN source TEXT;
