-- What of an item's body a person agreed to lose there, and the digest of the body that may be written at that price.
ALTER TABLE link_sides ADD COLUMN agreed TEXT CHECK (agreed IS NULL OR json_valid(agreed));
-- Who wrote a comment that came from an export; NULL is the person here.
ALTER TABLE local_comments ADD COLUMN author TEXT;
