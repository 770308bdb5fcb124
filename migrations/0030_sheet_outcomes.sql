-- What became of sheets: where they were proposed, read and used, what was closed with them, what nobody found.

-- Sheets that agents saw while they worked on a ticket. Sheet 0: nothing was found to propose.
CREATE TABLE sheet_touches (
    ticket_id   BIGINT NOT NULL,
    sheet_id    BIGINT NOT NULL,
    shown_at    BIGINT NOT NULL,
    opened_at   BIGINT,
    PRIMARY KEY (ticket_id, sheet_id)
);

-- How often a sheet was shown among others and opened, by local day.
CREATE TABLE sheet_views (
    day         TEXT NOT NULL,
    sheet_id    BIGINT NOT NULL,
    -- portal, desk
    side        TEXT NOT NULL,
    shown       BIGINT NOT NULL,
    opened      BIGINT NOT NULL,
    PRIMARY KEY (day, sheet_id, side)
);

-- What was searched for and not found, by local day: words in normal form, nothing personal.
CREATE TABLE search_misses (
    day         TEXT NOT NULL,
    -- portal, desk, form, message
    side        TEXT NOT NULL,
    words       TEXT NOT NULL,
    n           BIGINT NOT NULL,
    PRIMARY KEY (day, side, words)
);

-- The ticket that a sheet was drafted from.
CREATE TABLE sheet_origins (
    sheet_id    BIGINT PRIMARY KEY,
    ticket_id   BIGINT NOT NULL UNIQUE,
    created_at  BIGINT NOT NULL
);

-- Kept by a reader of the event feed, as those below: all can be deleted and are rebuilt from it.
-- One row for each ticket that is closed now. Sheet 0: answered without one; -1: closed without an answer.
CREATE TABLE answered (
    ticket_id   BIGINT PRIMARY KEY,
    -- local day
    day         TEXT NOT NULL,
    category_id BIGINT NOT NULL,
    sheet_id    BIGINT NOT NULL,
    front       @FLAG@ NOT NULL
);
CREATE INDEX answered_day ON answered (day, ticket_id);

CREATE TABLE answered_daily (
    day         TEXT NOT NULL,
    category_id BIGINT NOT NULL,
    sheet_id    BIGINT NOT NULL,
    closed      BIGINT NOT NULL,
    front       BIGINT NOT NULL,
    PRIMARY KEY (day, category_id, sheet_id)
);

-- Tickets in which a sheet was used, and those that went to an office after it was seen.
CREATE TABLE sheet_uses (
    ticket_id    BIGINT NOT NULL,
    sheet_id     BIGINT NOT NULL,
    -- local days; empty for never
    used_on      TEXT NOT NULL DEFAULT '',
    escalated_on TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (ticket_id, sheet_id)
);

CREATE TABLE sheet_daily (
    day         TEXT NOT NULL,
    sheet_id    BIGINT NOT NULL,
    used        BIGINT NOT NULL,
    -- sent to an office after it was read or used
    escalated   BIGINT NOT NULL,
    -- sent to an office after it was only proposed
    passed      BIGINT NOT NULL,
    PRIMARY KEY (day, sheet_id)
);
