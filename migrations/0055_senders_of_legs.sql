-- Which unit sent a leg: the one that owned the ticket then. Of older legs only the present owner is known.

ALTER TABLE legs ADD COLUMN sender_unit_id BIGINT REFERENCES units (id);
UPDATE legs SET sender_unit_id = (SELECT t.owner_unit_id FROM tickets t WHERE t.id = legs.ticket_id);
CREATE INDEX legs_sent ON legs (sent_at, id);
