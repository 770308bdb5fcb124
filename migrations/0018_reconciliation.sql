-- What each account's peer says it handed over on a local day, and what is stored of it.

CREATE TABLE reconciliations (
    account     TEXT NOT NULL,
    -- local day, YYYY-MM-DD
    day         TEXT NOT NULL,
    channel     TEXT NOT NULL,
    checked_at  BIGINT NOT NULL,
    -- what the peer says it received for us: source (it was asked), door (our own count when it handed over), none
    asked       TEXT NOT NULL,
    handed      BIGINT NOT NULL,
    stored      BIGINT NOT NULL,
    -- of what is stored: became contacts, brought by another account before, reports and words that steer,
    -- in quarantine, put away by a person, not read yet
    contacts    BIGINT NOT NULL,
    duplicates  BIGINT NOT NULL,
    reports     BIGINT NOT NULL,
    quarantined BIGINT NOT NULL,
    discarded   BIGINT NOT NULL,
    waiting     BIGINT NOT NULL,
    -- what was sent, and of how much of it a report is overdue
    sent        BIGINT NOT NULL,
    unreported  BIGINT NOT NULL,
    calls       BIGINT NOT NULL,
    differences BIGINT NOT NULL,
    -- why the peer could not be asked
    error       TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (account, day)
);
CREATE INDEX reconciliations_day ON reconciliations (day);

-- Each thing that differs, by name.
CREATE TABLE reconciliation_items (
    account     TEXT NOT NULL,
    day         TEXT NOT NULL,
    -- missing, left, uncounted, unread, report, call
    kind        TEXT NOT NULL,
    name        TEXT NOT NULL,
    at          BIGINT,
    -- code of the ticket it concerns; may be empty
    ticket      TEXT NOT NULL DEFAULT '',
    -- whether the peer gives it when asked
    obtainable  @FLAG@ NOT NULL,
    PRIMARY KEY (account, day, kind, name)
);

-- The local days on which the daily comparison was made.
CREATE TABLE reconciliation_runs (
    day         TEXT PRIMARY KEY,
    finished_at BIGINT NOT NULL
);

-- Counts by local day that outlive the process.
CREATE TABLE tallies (
    day         TEXT NOT NULL,
    name        TEXT NOT NULL,
    count       BIGINT NOT NULL,
    PRIMARY KEY (day, name)
);

-- What an account received in a span of time, and what it sent.
CREATE INDEX raw_items_day ON raw_items (account, received_at);
CREATE INDEX outbox_settled ON outbox (lane, settled_at);
