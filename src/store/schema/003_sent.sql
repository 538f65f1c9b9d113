-- What a write that left and has no known answer was meant to change: it may have arrived.
ALTER TABLE link_sides ADD COLUMN sent TEXT CHECK (sent IS NULL OR json_valid(sent));
