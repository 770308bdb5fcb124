-- Commits land out of order here, so the feed is read by (transaction, id); SQLite reads it by its row id.
CREATE INDEX events_feed ON events (txid, id);
