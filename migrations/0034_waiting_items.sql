-- SQLite uses a partial index only for the very condition it was made for, and walks through a table in the order of
-- its ids rather than sort: one index for each state that is looked for, in the order it is asked in.
DROP INDEX raw_items_waiting;
CREATE INDEX raw_items_stored ON raw_items (channel, id) WHERE state = 'stored';
CREATE INDEX raw_items_quarantined ON raw_items (id) WHERE state = 'quarantined';
CREATE INDEX raw_items_parts ON raw_items (channel, id) WHERE state = 'held';
DROP INDEX calls_live;
CREATE INDEX calls_live ON calls (id) WHERE stage <> 'ended';
