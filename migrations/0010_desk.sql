-- Who is writing an answer: while a draft is fresh it may hold the ticket.
-- when this spell of writing began
ALTER TABLE drafts ADD COLUMN started_at BIGINT;
-- when somebody freed the ticket from it
ALTER TABLE drafts ADD COLUMN released_at BIGINT;

-- Which requests of the web form go to the competent unit at once: never, reports (and complaints), or
-- requests (applications too). Questions never do: the front office answers them.
ALTER TABLE categories ADD COLUMN forward TEXT NOT NULL DEFAULT 'reports';

-- Tickets that close by themselves unless the citizen objects, the first due first.
CREATE INDEX tickets_resolved ON tickets (resolved_at, id) WHERE state = 'resolved';
CREATE INDEX tickets_continues ON tickets (continues_id, id) WHERE continues_id IS NOT NULL;
