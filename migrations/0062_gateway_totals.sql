-- How far the totals of each gateway that counts for itself were read, and what they were beside our own.
CREATE TABLE gateway_marks (
    account     TEXT PRIMARY KEY,
    read_at     BIGINT NOT NULL,
    -- seconds since the gateway was started: its totals begin there
    uptime      BIGINT NOT NULL,
    -- what it received and does not hold any more; below zero when it began with something in its store
    handed      BIGINT NOT NULL,
    -- what it received and holds still
    waiting     BIGINT NOT NULL,
    received    BIGINT NOT NULL,
    -- what it took to be sent, and of it what it gave to the network
    taken       BIGINT NOT NULL,
    sent        BIGINT NOT NULL,
    -- our own counts since an instant: texts that are stored, messages that were handed to it
    since       BIGINT NOT NULL,
    stored      BIGINT NOT NULL,
    given       BIGINT NOT NULL,
    -- what one side has counted and the other has not yet
    in_ahead    BIGINT NOT NULL,
    in_owed     BIGINT NOT NULL,
    out_ahead   BIGINT NOT NULL,
    out_owed    BIGINT NOT NULL
);

-- What the gateway itself says of a day; NULL where it was not asked.
ALTER TABLE reconciliations ADD COLUMN gateway_received BIGINT;
ALTER TABLE reconciliations ADD COLUMN gateway_sent BIGINT;
