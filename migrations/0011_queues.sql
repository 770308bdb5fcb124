-- Filtered queues: one walk in the order of the list tells from the index alone which rows fit. Closed tickets are
-- in no queue, so they cost nothing here.
CREATE INDEX tickets_filter ON tickets (owner_unit_id, state, touched_at, id, channel, kind, category_id, assignee_id)
    WHERE closed_at IS NULL;
DROP INDEX tickets_queue;
