-- Who works on what: how units give tickets out, what agents can and hold, when they are away, what comes first.

-- How the tickets of a unit find who works on them; a unit without a row leaves the choice to its agents.
CREATE TABLE unit_policies (
    unit_id     BIGINT PRIMARY KEY REFERENCES units (id),
    -- manual, pull, push
    policy      TEXT NOT NULL,
    -- how much an agent holds at once, unless the agent has a measure of their own
    capacity    BIGINT NOT NULL,
    -- words with blanks between: whoever lacks one gets none of its tickets
    skills      TEXT NOT NULL DEFAULT '',
    -- JSON: what a ticket of a channel weighs; 1 where it says nothing
    weights     TEXT NOT NULL DEFAULT '{}'
);

-- What agents can, for tickets and telephone alike.
CREATE TABLE desk_agents (
    user_id     BIGINT PRIMARY KEY REFERENCES users (id),
    -- words with blanks between
    skills      TEXT NOT NULL DEFAULT '',
    languages   TEXT NOT NULL DEFAULT '',
    -- empty: all
    channels    TEXT NOT NULL DEFAULT '',
    -- NULL: that of the unit
    capacity    BIGINT,
    -- since when they take what is given out by itself; NULL: they do not
    ready_since BIGINT,
    -- when they were given something last
    given_at    BIGINT
);
INSERT INTO desk_agents (user_id, skills, languages) SELECT user_id, skills, languages FROM phone_agents;
ALTER TABLE phone_agents DROP COLUMN skills;
ALTER TABLE phone_agents DROP COLUMN languages;

CREATE TABLE agent_absences (
    id              @ID@,
    user_id         BIGINT NOT NULL REFERENCES users (id),
    from_at         BIGINT NOT NULL,
    to_at           BIGINT NOT NULL,
    -- NULL: what they have goes back to its queue
    substitute_id   BIGINT REFERENCES users (id),
    reason          TEXT NOT NULL DEFAULT '',
    created_by      BIGINT REFERENCES users (id),
    created_at      BIGINT NOT NULL
);
CREATE INDEX agent_absences_user ON agent_absences (user_id, to_at);
CREATE INDEX agent_absences_end ON agent_absences (to_at);

-- What was passed on during an absence, so that who comes back finds it.
CREATE TABLE absence_passes (
    id          @ID@,
    absence_id  BIGINT NOT NULL REFERENCES agent_absences (id),
    ticket_id   BIGINT NOT NULL REFERENCES tickets (id),
    -- NULL: back to the queue
    to_id       BIGINT REFERENCES users (id),
    at          BIGINT NOT NULL
);
CREATE INDEX absence_passes_absence ON absence_passes (absence_id, id);

-- 1 urgent, 2 high, 3 normal, 4 low; and why: ordinary, category, segment, emergency, manual.
ALTER TABLE tickets ADD COLUMN priority BIGINT NOT NULL DEFAULT 3;
ALTER TABLE tickets ADD COLUMN priority_reason TEXT NOT NULL DEFAULT 'ordinary';
-- The order of work, as one number: first by priority, then by the nearest term. What filters look at stands behind it,
-- so that one walk tells from the index alone which rows fit.
CREATE INDEX tickets_work ON tickets (owner_unit_id, state, (priority * 1000000000000000000 + COALESCE(due_at, expected_at)),
    id, channel, kind, category_id, assignee_id, language) WHERE closed_at IS NULL;
