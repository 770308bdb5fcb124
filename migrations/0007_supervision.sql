-- Figures kept by readers of the event feed; all can be deleted and are rebuilt from it.

CREATE TABLE queue_counts (
    unit_id     BIGINT NOT NULL,
    -- 0: nobody
    assignee_id BIGINT NOT NULL,
    state       TEXT NOT NULL,
    n           BIGINT NOT NULL,
    PRIMARY KEY (unit_id, assignee_id, state)
);

-- One row for each ticket that is closed now: the figure and the list behind it come from the same rows.
CREATE TABLE closures (
    ticket_id   BIGINT PRIMARY KEY,
    closed_at   BIGINT NOT NULL,
    -- local day
    day         TEXT NOT NULL,
    channel     TEXT NOT NULL,
    category_id BIGINT NOT NULL,
    unit_id     BIGINT NOT NULL,
    strict      @FLAG@ NOT NULL,
    wide        @FLAG@ NOT NULL
);
CREATE INDEX closures_day ON closures (day, ticket_id);

CREATE TABLE closure_daily (
    day         TEXT NOT NULL,
    channel     TEXT NOT NULL,
    category_id BIGINT NOT NULL,
    unit_id     BIGINT NOT NULL,
    closed      BIGINT NOT NULL,
    strict      BIGINT NOT NULL,
    wide        BIGINT NOT NULL,
    PRIMARY KEY (day, channel, category_id, unit_id)
);
