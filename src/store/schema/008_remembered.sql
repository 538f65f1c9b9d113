-- How a person left the board: what a front end wants to find again. No card and no connection is in it.
CREATE TABLE remembered (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
