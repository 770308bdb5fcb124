-- Calendars and operating protocols with their versions, and the clocks that a reader of the feed keeps by them.

CREATE TABLE calendars (
    id          @ID@,
    slug        TEXT NOT NULL UNIQUE,
    retired_at  BIGINT
);

-- Never altered: who saved what, and from which day it holds.
CREATE TABLE calendar_versions (
    id          @ID@,
    calendar_id BIGINT NOT NULL REFERENCES calendars (id),
    number      BIGINT NOT NULL,
    -- local day, YYYY-MM-DD
    valid_from  TEXT NOT NULL,
    -- JSON
    body        TEXT NOT NULL,
    saved_at    BIGINT NOT NULL,
    -- user:12, token:3
    saved_by    TEXT NOT NULL,
    UNIQUE (calendar_id, number)
);

CREATE TABLE protocols (
    id          @ID@,
    slug        TEXT NOT NULL UNIQUE
);

CREATE TABLE protocol_versions (
    id          @ID@,
    protocol_id BIGINT NOT NULL REFERENCES protocols (id),
    number      BIGINT NOT NULL,
    valid_from  TEXT NOT NULL,
    body        TEXT NOT NULL,
    saved_at    BIGINT NOT NULL,
    saved_by    TEXT NOT NULL,
    UNIQUE (protocol_id, number)
);

-- What follows is kept by the reader `clocks`; all of it can be deleted and is rebuilt from the feed.

-- What happened to a ticket, as far as terms depend on it.
CREATE TABLE clock_cases (
    ticket_id       BIGINT PRIMARY KEY,
    opened_at       BIGINT NOT NULL,
    category_id     BIGINT,
    unit_id         BIGINT NOT NULL,
    channel         TEXT NOT NULL,
    waiting         @FLAG@ NOT NULL DEFAULT FALSE,
    taken_at        BIGINT,
    answered_at     BIGINT,
    over_at         BIGINT
);

CREATE TABLE clocks (
    id              @ID@,
    ticket_id       BIGINT NOT NULL,
    -- 0: of the ticket itself
    leg_id          BIGINT NOT NULL,
    phase           TEXT NOT NULL,
    round           BIGINT NOT NULL,
    version_id      BIGINT NOT NULL,
    calendar_id     BIGINT NOT NULL,
    category_id     BIGINT NOT NULL,
    unit_id         BIGINT NOT NULL,
    started_at      BIGINT NOT NULL,
    amount          BIGINT NOT NULL,
    -- calendar_days, working_days, working_hours, working_minutes
    unit            TEXT NOT NULL,
    -- stays, festive, closed
    roll            TEXT NOT NULL,
    warn_percent    BIGINT NOT NULL,
    waits           @FLAG@ NOT NULL,
    tells           @FLAG@ NOT NULL,
    -- running, suspended, met, missed, cancelled
    state           TEXT NOT NULL,
    due_at          BIGINT,
    -- days or microseconds, while it is suspended
    left_over       BIGINT,
    warn_at         BIGINT,
    warned_at       BIGINT,
    ended_at        BIGINT,
    missed_at       BIGINT,
    told            @FLAG@ NOT NULL,
    reason          TEXT NOT NULL,
    -- local day on which it is counted in figures
    day             TEXT,
    -- when a job has something to do about it
    acts_at         BIGINT,
    UNIQUE (ticket_id, leg_id, phase, round)
);
CREATE INDEX clocks_to_act ON clocks (acts_at) WHERE acts_at IS NOT NULL;
CREATE INDEX clocks_by_day ON clocks (day, id) WHERE day IS NOT NULL;
CREATE INDEX clocks_of_calendar ON clocks (calendar_id, id) WHERE ended_at IS NULL;
CREATE INDEX clocks_owed_after_miss ON clocks (missed_at) WHERE missed_at IS NOT NULL AND ended_at IS NULL;

CREATE TABLE clock_pauses (
    id          @ID@,
    clock_id    BIGINT NOT NULL,
    from_at     BIGINT NOT NULL,
    until_at    BIGINT,
    -- citizen, documents, notice, merged
    reason      TEXT NOT NULL,
    interrupts  @FLAG@ NOT NULL
);
CREATE INDEX clock_pauses_of ON clock_pauses (clock_id, from_at);

-- Due instants that a calendar moved, until the feed has told.
CREATE TABLE clock_moves (
    id          @ID@,
    clock_id    BIGINT NOT NULL,
    calendar_id BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    old_due_at  BIGINT,
    new_due_at  BIGINT
);
CREATE INDEX clock_moves_of ON clock_moves (clock_id);

-- The nearest term that is still owed, so that queues are ordered by it. Written by the reader alone.
ALTER TABLE tickets ADD COLUMN due_at BIGINT;
CREATE INDEX tickets_due_unit ON tickets (owner_unit_id, state, due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX tickets_due_assignee ON tickets (assignee_id, state, due_at, id) WHERE due_at IS NOT NULL;
