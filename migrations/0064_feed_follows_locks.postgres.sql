-- A transaction has its id from its first write. One that wrote before it waited for a ticket would stand in the feed before
-- the change it waited for. So an event counts as at least as young as the youngest transaction that had ended when
-- it was written: what follows from another comes after it. No reader passes it sooner, because the number is never
-- below the transaction's own id.
ALTER TABLE events ALTER COLUMN txid SET DEFAULT
    GREATEST(pg_current_xact_id()::text::bigint, pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1);
