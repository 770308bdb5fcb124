-- The event feed, its readers, leases, idempotency.

CREATE TABLE events (
    id          @ID@,
    -- the transaction that wrote it; orders the feed where commits land out of order
    txid        BIGINT NOT NULL DEFAULT @TXID@,
    at          BIGINT NOT NULL,
    kind        TEXT NOT NULL,
    ticket_id   BIGINT,
    actor       TEXT NOT NULL,
    -- JSON, without personal data
    data        TEXT NOT NULL
);
CREATE INDEX events_ticket ON events (ticket_id, id);

CREATE TABLE feed_positions (
    reader  TEXT PRIMARY KEY,
    txid    BIGINT NOT NULL,
    id      BIGINT NOT NULL
);

CREATE TABLE leases (
    name    TEXT PRIMARY KEY,
    holder  TEXT NOT NULL,
    until   BIGINT NOT NULL
);

CREATE TABLE idempotency (
    -- SHA-256 of caller, method, path and key
    key_hash    TEXT PRIMARY KEY,
    -- SHA-256 of the request body: the same key with another body is refused
    body_hash   TEXT NOT NULL,
    status      BIGINT NOT NULL,
    answer      TEXT NOT NULL,
    created_at  BIGINT NOT NULL
);
CREATE INDEX idempotency_age ON idempotency (created_at);
