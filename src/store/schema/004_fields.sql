-- A card's further fields by name; one without a value is not here.
ALTER TABLE cards ADD COLUMN fields TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(fields));
