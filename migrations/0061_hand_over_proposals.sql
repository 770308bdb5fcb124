-- A unit proposes to hand the relation with a citizen over; it stays the owner until the other one accepts.

CREATE TABLE hand_over_proposals (
    id              @ID@,
    ticket_id       BIGINT NOT NULL REFERENCES tickets (id),
    -- the owner, who proposes
    from_unit_id    BIGINT NOT NULL REFERENCES units (id),
    to_unit_id      BIGINT NOT NULL REFERENCES units (id),
    proposed_by     BIGINT REFERENCES users (id),
    -- the note that says why
    reason_id       BIGINT REFERENCES contacts (id),
    proposed_at     BIGINT NOT NULL,
    -- without an answer until then it lapses
    due_at          BIGINT NOT NULL,
    -- open, accepted, refused, withdrawn, lapsed
    state           TEXT NOT NULL,
    settled_by      BIGINT REFERENCES users (id),
    settled_at      BIGINT,
    -- the note that says why not
    answer_id       BIGINT REFERENCES contacts (id)
);
CREATE UNIQUE INDEX hand_over_proposals_open ON hand_over_proposals (ticket_id) WHERE state = 'open';
CREATE INDEX hand_over_proposals_to ON hand_over_proposals (to_unit_id, id) WHERE state = 'open';
CREATE INDEX hand_over_proposals_from ON hand_over_proposals (from_unit_id, id) WHERE state = 'open';
CREATE INDEX hand_over_proposals_due ON hand_over_proposals (due_at) WHERE state = 'open';

-- At which level a unit handles requests (004-19): 1 information desk, 2 specialist counter, 3 internal service,
-- 4 political decision makers. NULL: as its kind says, back offices 3 and all others 1.
ALTER TABLE unit_policies ADD COLUMN level BIGINT;
