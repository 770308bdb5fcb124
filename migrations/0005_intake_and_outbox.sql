-- What came from outside, byte for byte, and what is to leave.

CREATE TABLE raw_items (
    id          @ID@,
    channel     TEXT NOT NULL,
    -- the account it came through (a mailbox, the form, an API client)
    account     TEXT NOT NULL,
    -- the account's own name for it
    external_id TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    size        BIGINT NOT NULL,
    -- small items are here, large ones in the blob store
    body        @BYTES@,
    blob        TEXT,
    -- stored, done, quarantined, discarded
    state       TEXT NOT NULL,
    -- why it is in quarantine
    reason      TEXT NOT NULL DEFAULT '',
    attempts    BIGINT NOT NULL DEFAULT 0,
    contact_id  BIGINT,
    UNIQUE (account, external_id)
);
CREATE INDEX raw_items_waiting ON raw_items (state, id) WHERE state IN ('stored', 'quarantined');

CREATE TABLE mailboxes (
    account         TEXT PRIMARY KEY,
    uid_validity    BIGINT NOT NULL,
    last_uid        BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL
);

CREATE TABLE outbox (
    id              @ID@,
    -- email, …: each lane has its own workers
    lane            TEXT NOT NULL,
    -- reply, acknowledgement, leg, leg_reminder, closing
    purpose         TEXT NOT NULL,
    ticket_id       BIGINT REFERENCES tickets (id),
    contact_id      BIGINT,
    leg_id          BIGINT,
    recipient       TEXT NOT NULL,
    -- JSON that the lane's sender understands
    payload         TEXT NOT NULL,
    -- pending, sent, delivered, failed, cancelled
    state           TEXT NOT NULL,
    attempts        BIGINT NOT NULL DEFAULT 0,
    run_at          BIGINT NOT NULL,
    leased_by       TEXT,
    leased_until    BIGINT,
    -- Message-ID we gave it, without angle brackets
    message_id      TEXT,
    -- what the receiving server said
    provider_note   TEXT NOT NULL DEFAULT '',
    last_error      TEXT NOT NULL DEFAULT '',
    created_at      BIGINT NOT NULL,
    settled_at      BIGINT
);
CREATE INDEX outbox_due ON outbox (lane, run_at, id) WHERE state = 'pending';
CREATE INDEX outbox_failed ON outbox (created_at, id) WHERE state = 'failed';
CREATE INDEX outbox_ticket ON outbox (ticket_id, id);
CREATE INDEX outbox_message ON outbox (message_id) WHERE message_id IS NOT NULL;

-- Automatic answers sent, so that two robots never talk to each other for long.
CREATE TABLE automatic_answers (
    id          @ID@,
    recipient   TEXT NOT NULL,
    ticket_id   BIGINT NOT NULL,
    at          BIGINT NOT NULL
);
CREATE INDEX automatic_answers_recipient ON automatic_answers (recipient, at);
