-- The life of a leg after it was sent: taken in charge, refused in time, asked about, its works, its reminders.

-- when its unit took it in charge, and the name of whoever did; empty when only the link is known
ALTER TABLE legs ADD COLUMN accepted_at BIGINT;
ALTER TABLE legs ADD COLUMN accepted_by TEXT NOT NULL DEFAULT '';
-- the referent it was given to within its unit
ALTER TABLE legs ADD COLUMN referent_id BIGINT;
-- while the unit waits for something it asked: since when, of whom (office, citizen), and the contact that asks
ALTER TABLE legs ADD COLUMN asked_at BIGINT;
ALTER TABLE legs ADD COLUMN asks TEXT NOT NULL DEFAULT '';
ALTER TABLE legs ADD COLUMN asking_id BIGINT;
-- the day works are announced for, and when they were done
ALTER TABLE legs ADD COLUMN works_planned_at BIGINT;
ALTER TABLE legs ADD COLUMN works_done_at BIGINT;
-- the unit that a refusal suggests, and the refused leg that this one follows
ALTER TABLE legs ADD COLUMN suggested_unit_id BIGINT REFERENCES units (id);
ALTER TABLE legs ADD COLUMN follows_id BIGINT REFERENCES legs (id);
-- the unit wants to read what the citizen writes after its answer, too
ALTER TABLE legs ADD COLUMN keeps_informed @FLAG@ NOT NULL DEFAULT FALSE;
-- until when its unit may refuse by itself, and when its answer is due
ALTER TABLE legs ADD COLUMN refuse_until BIGINT;
ALTER TABLE legs ADD COLUMN due_at BIGINT;
-- reminders that were sent, and when the next one is; nothing while nobody is to be reminded
ALTER TABLE legs ADD COLUMN reminders BIGINT NOT NULL DEFAULT 0;
ALTER TABLE legs ADD COLUMN remind_at BIGINT;

CREATE INDEX legs_to_remind ON legs (remind_at, id) WHERE remind_at IS NOT NULL;
CREATE INDEX legs_of_referent ON legs (referent_id, state) WHERE referent_id IS NOT NULL;
CREATE INDEX legs_by_state ON legs (state, sent_at, id);

UPDATE events SET kind = 'leg.refused' WHERE kind = 'leg.returned';
UPDATE events SET kind = 'leg.recalled' WHERE kind = 'leg.withdrawn';

-- What the citizen wrote after a leg was sent, as far as it was passed on to its unit.
CREATE TABLE leg_updates (
    leg_id      BIGINT NOT NULL REFERENCES legs (id),
    contact_id  BIGINT NOT NULL REFERENCES contacts (id),
    told_at     BIGINT NOT NULL,
    PRIMARY KEY (leg_id, contact_id)
);

-- Their reader begins where the feed ends now: units got older messages by hand.
INSERT INTO feed_positions (reader, txid, id)
SELECT 'leg updates', COALESCE(MAX(txid), 0), COALESCE(MAX(id), 0) FROM events;

-- Days and limits that the administration changed; what is missing is as the program brings it.
CREATE TABLE leg_rules (
    name        TEXT PRIMARY KEY,
    value       BIGINT NOT NULL,
    changed_at  BIGINT NOT NULL,
    changed_by  BIGINT REFERENCES users (id)
);

-- For which categories a unit with a leg for competence speaks with the citizen itself.
CREATE TABLE category_direct_words (
    category_id BIGINT PRIMARY KEY REFERENCES categories (id),
    answers     @FLAG@ NOT NULL DEFAULT FALSE,
    asks        @FLAG@ NOT NULL DEFAULT FALSE
);
