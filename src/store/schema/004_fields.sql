-- A card's further fields by name; one without a value is not here.
ALTER TABLE cards ADD COLUMN fields TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(fields));
-- Values of a link that its connection's field rules cannot carry, in words.
ALTER TABLE feature_issue_links ADD COLUMN unfit TEXT;
