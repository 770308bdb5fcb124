-- Rules of automation: their versions, what they do for which event, and which of them are paused.

CREATE TABLE automation_versions (
    id              @ID@,
    number          BIGINT NOT NULL UNIQUE,
    -- draft, active (one of all), replaced, retired
    state           TEXT NOT NULL,
    -- the rules, JSON
    content         TEXT NOT NULL,
    -- grows with each change of a draft
    edition         BIGINT NOT NULL DEFAULT 1,
    created_by      TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    activated_at    BIGINT,
    activated_by    TEXT,
    replaced_at     BIGINT
);
CREATE INDEX automation_versions_state ON automation_versions (state, id);

-- A rule at work for one event: written by the reader of the feed, led from step to step by workers.
CREATE TABLE automation_runs (
    id              @ID@,
    version_id      BIGINT NOT NULL REFERENCES automation_versions (id),
    -- place of the rule in its version, from 0, and its name
    place           BIGINT NOT NULL,
    rule            TEXT NOT NULL,
    event_id        BIGINT NOT NULL,
    event_kind      TEXT NOT NULL,
    -- of the event, where it has one
    contact_id      BIGINT,
    leg_id          BIGINT,
    ticket_id       BIGINT NOT NULL REFERENCES tickets (id),
    -- the run whose effect the event was, and how many stand before it
    cause_id        BIGINT,
    depth           BIGINT NOT NULL DEFAULT 0,
    -- the step that comes next, from 0
    step            BIGINT NOT NULL DEFAULT 0,
    -- pending, waiting, held (the rule is paused), done, failed, stopped
    state           TEXT NOT NULL,
    -- when it goes on
    run_at          BIGINT NOT NULL,
    -- the kind of event it waits for, and the last event it looked at
    awaits          TEXT NOT NULL DEFAULT '',
    after_event     BIGINT NOT NULL DEFAULT 0,
    -- stable name of why it stopped or failed
    reason          TEXT NOT NULL DEFAULT '',
    attempts        BIGINT NOT NULL DEFAULT 0,
    leased_by       TEXT,
    leased_until    BIGINT,
    created_at      BIGINT NOT NULL,
    ended_at        BIGINT,
    UNIQUE (version_id, place, event_id)
);
CREATE INDEX automation_runs_due ON automation_runs (run_at, id) WHERE state IN ('pending', 'waiting');
CREATE INDEX automation_runs_awaited ON automation_runs (ticket_id, awaits) WHERE state = 'waiting';
CREATE INDEX automation_runs_of_rule ON automation_runs (rule, created_at);
CREATE INDEX automation_runs_state ON automation_runs (state, id);

-- What each step of a run came to.
CREATE TABLE automation_steps (
    id              @ID@,
    run_id          BIGINT NOT NULL REFERENCES automation_runs (id),
    step            BIGINT NOT NULL,
    kind            TEXT NOT NULL,
    -- done, waiting, skipped, ended, failed
    result          TEXT NOT NULL,
    -- codes and states, JSON
    detail          TEXT NOT NULL DEFAULT '',
    at              BIGINT NOT NULL
);
CREATE INDEX automation_steps_run ON automation_steps (run_id, id);
-- No step is done twice.
CREATE UNIQUE INDEX automation_steps_once ON automation_steps (run_id, step) WHERE result = 'done';

CREATE TABLE automation_pauses (
    rule            TEXT PRIMARY KEY,
    -- rate, or user:12
    why             TEXT NOT NULL,
    paused_at       BIGINT NOT NULL
);
