-- Who took which relation over from whom, and whether it was given back.

CREATE TABLE takeovers (
    id              @ID@,
    ticket_id       BIGINT NOT NULL REFERENCES tickets (id),
    -- who had it
    unit_before_id  BIGINT NOT NULL REFERENCES units (id),
    assignee_before_id BIGINT REFERENCES users (id),
    unit_id         BIGINT NOT NULL REFERENCES units (id),
    taken_by        BIGINT REFERENCES users (id),
    taken_at        BIGINT NOT NULL,
    -- the note that says why
    reason_id       BIGINT REFERENCES contacts (id),
    -- given back, or handed on to somebody else
    ended_at        BIGINT,
    given_back      @FLAG@ NOT NULL DEFAULT FALSE
);
CREATE INDEX takeovers_ticket ON takeovers (ticket_id, id);
CREATE INDEX takeovers_taken ON takeovers (taken_at, id);
