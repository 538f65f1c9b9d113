-- What bodies and comments say, by word. Each text has a number that stays its own in every copy of the file; the index
-- knows it by four times that number and, added to it: 0 a body, 1 the comments read of a link, 2 a comment made here,
-- 3 one on its way. The index holds no text of its own. Cutting texts into words takes longer than writing them: triggers
-- note which texts are to be indexed, and that is done before the next search, so that a first pull does not wait for it.
CREATE TABLE bodies_next (
    doc     INTEGER PRIMARY KEY,
    card_id TEXT NOT NULL UNIQUE REFERENCES cards (id) ON DELETE CASCADE,
    body    TEXT NOT NULL
) STRICT;
INSERT INTO bodies_next (card_id, body) SELECT card_id, body FROM bodies ORDER BY rowid;
DROP TABLE bodies;
ALTER TABLE bodies_next RENAME TO bodies;

CREATE TABLE comment_cache_next (
    doc        INTEGER PRIMARY KEY,
    link_id    TEXT NOT NULL UNIQUE REFERENCES feature_issue_links (id) ON DELETE CASCADE,
    comments   TEXT NOT NULL CHECK (json_valid(comments)),
    fetched_at INTEGER NOT NULL
) STRICT;
INSERT INTO comment_cache_next (link_id, comments, fetched_at)
    SELECT link_id, comments, fetched_at FROM comment_cache ORDER BY rowid;
DROP TABLE comment_cache;
ALTER TABLE comment_cache_next RENAME TO comment_cache;

CREATE TABLE local_comments_next (
    doc     INTEGER PRIMARY KEY,
    id      TEXT NOT NULL UNIQUE,
    card_id TEXT NOT NULL REFERENCES cards (id) ON DELETE CASCADE,
    body    TEXT NOT NULL,
    at      INTEGER NOT NULL,
    author  TEXT
) STRICT;
INSERT INTO local_comments_next (id, card_id, body, at, author)
    SELECT id, card_id, body, at, author FROM local_comments ORDER BY rowid;
DROP TABLE local_comments;
ALTER TABLE local_comments_next RENAME TO local_comments;
CREATE INDEX local_comments_by_card ON local_comments (card_id);

CREATE TABLE deliveries_next (
    doc             INTEGER PRIMARY KEY,
    id              TEXT NOT NULL UNIQUE,
    link_id         TEXT NOT NULL REFERENCES feature_issue_links (id) ON DELETE CASCADE,
    body            TEXT NOT NULL,
    queued_at       INTEGER NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER NOT NULL DEFAULT 0,
    parked          INTEGER NOT NULL DEFAULT 0,
    reason          TEXT
) STRICT;
INSERT INTO deliveries_next (id, link_id, body, queued_at, attempts, next_attempt_at, parked, reason)
    SELECT id, link_id, body, queued_at, attempts, next_attempt_at, parked, reason FROM deliveries ORDER BY rowid;
DROP TABLE deliveries;
ALTER TABLE deliveries_next RENAME TO deliveries;
CREATE INDEX deliveries_by_link ON deliveries (link_id);

CREATE VIRTUAL TABLE texts USING fts5 (
    text, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);

-- Every text with its card, by the number the index knows it by.
CREATE VIEW said (at, card_id, text) AS
    SELECT 4 * doc, card_id, body FROM bodies
    UNION ALL
    SELECT 4 * c.doc + 1, l.card_id,
           (SELECT group_concat(json_extract(value, '$.body'), char(10)) FROM json_each(c.comments))
    FROM comment_cache c CROSS JOIN feature_issue_links l ON l.id = c.link_id
    UNION ALL
    SELECT 4 * doc + 2, card_id, body FROM local_comments
    UNION ALL
    SELECT 4 * d.doc + 3, l.card_id, d.body FROM deliveries d CROSS JOIN feature_issue_links l ON l.id = d.link_id;

-- Texts that came, changed or went since they were last indexed. Triggers ask whether one is noted already: `OR IGNORE`
-- in them would give way to the conflict clause of the statement that fires them.
CREATE TABLE texts_due (
    at INTEGER PRIMARY KEY
) STRICT;
INSERT INTO texts_due (at) SELECT at FROM said WHERE text <> '';

CREATE TRIGGER bodies_come AFTER INSERT ON bodies BEGIN
    INSERT INTO texts_due (at) SELECT 4 * NEW.doc WHERE 4 * NEW.doc NOT IN (SELECT at FROM texts_due);
END;
CREATE TRIGGER bodies_change AFTER UPDATE OF body ON bodies WHEN NEW.body IS NOT OLD.body BEGIN
    INSERT INTO texts_due (at) SELECT 4 * NEW.doc WHERE 4 * NEW.doc NOT IN (SELECT at FROM texts_due);
END;
CREATE TRIGGER bodies_go AFTER DELETE ON bodies BEGIN
    INSERT INTO texts_due (at) SELECT 4 * OLD.doc WHERE 4 * OLD.doc NOT IN (SELECT at FROM texts_due);
END;
CREATE TRIGGER comment_cache_come AFTER INSERT ON comment_cache BEGIN
    INSERT INTO texts_due (at) SELECT 4 * NEW.doc + 1 WHERE 4 * NEW.doc + 1 NOT IN (SELECT at FROM texts_due);
END;
CREATE TRIGGER comment_cache_change AFTER UPDATE OF comments ON comment_cache WHEN NEW.comments IS NOT OLD.comments BEGIN
    INSERT INTO texts_due (at) SELECT 4 * NEW.doc + 1 WHERE 4 * NEW.doc + 1 NOT IN (SELECT at FROM texts_due);
END;
CREATE TRIGGER comment_cache_go AFTER DELETE ON comment_cache BEGIN
    INSERT INTO texts_due (at) SELECT 4 * OLD.doc + 1 WHERE 4 * OLD.doc + 1 NOT IN (SELECT at FROM texts_due);
END;
CREATE TRIGGER local_comments_come AFTER INSERT ON local_comments BEGIN
    INSERT INTO texts_due (at) SELECT 4 * NEW.doc + 2 WHERE 4 * NEW.doc + 2 NOT IN (SELECT at FROM texts_due);
END;
CREATE TRIGGER local_comments_change AFTER UPDATE OF body ON local_comments WHEN NEW.body IS NOT OLD.body BEGIN
    INSERT INTO texts_due (at) SELECT 4 * NEW.doc + 2 WHERE 4 * NEW.doc + 2 NOT IN (SELECT at FROM texts_due);
END;
CREATE TRIGGER local_comments_go AFTER DELETE ON local_comments BEGIN
    INSERT INTO texts_due (at) SELECT 4 * OLD.doc + 2 WHERE 4 * OLD.doc + 2 NOT IN (SELECT at FROM texts_due);
END;
CREATE TRIGGER deliveries_come AFTER INSERT ON deliveries BEGIN
    INSERT INTO texts_due (at) SELECT 4 * NEW.doc + 3 WHERE 4 * NEW.doc + 3 NOT IN (SELECT at FROM texts_due);
END;
CREATE TRIGGER deliveries_change AFTER UPDATE OF body ON deliveries WHEN NEW.body IS NOT OLD.body BEGIN
    INSERT INTO texts_due (at) SELECT 4 * NEW.doc + 3 WHERE 4 * NEW.doc + 3 NOT IN (SELECT at FROM texts_due);
END;
CREATE TRIGGER deliveries_go AFTER DELETE ON deliveries BEGIN
    INSERT INTO texts_due (at) SELECT 4 * OLD.doc + 3 WHERE 4 * OLD.doc + 3 NOT IN (SELECT at FROM texts_due);
END;
