-- What other systems are told of events, as they happen.

CREATE TABLE event_subscriptions (
    id              @ID@,
    name            TEXT NOT NULL UNIQUE,
    url             TEXT NOT NULL,
    -- a reference, never the secret
    secret          TEXT NOT NULL,
    -- kinds of events, separated by spaces
    kinds           TEXT NOT NULL,
    -- slugs; empty for all
    category        TEXT NOT NULL DEFAULT '',
    unit            TEXT NOT NULL DEFAULT '',
    -- what of a ticket goes along beside codes and states: subject, text, citizen; separated by spaces
    shows           TEXT NOT NULL DEFAULT '',
    enabled         @FLAG@ NOT NULL,
    -- since when nothing was taken; when it was suspended for that, and the last words
    failing_since   BIGINT,
    suspended_at    BIGINT,
    last_error      TEXT NOT NULL DEFAULT '',
    version         BIGINT NOT NULL DEFAULT 1,
    created_at      BIGINT NOT NULL
);

CREATE TABLE event_deliveries (
    id              @ID@,
    subscription_id BIGINT NOT NULL REFERENCES event_subscriptions (id),
    event_id        BIGINT NOT NULL,
    kind            TEXT NOT NULL,
    payload         TEXT NOT NULL,
    -- pending, sent, failed
    state           TEXT NOT NULL,
    attempts        BIGINT NOT NULL DEFAULT 0,
    run_at          BIGINT NOT NULL,
    leased_by       TEXT,
    leased_until    BIGINT,
    -- of the last attempt: HTTP status (0 when nothing answered), words, milliseconds
    status          BIGINT NOT NULL DEFAULT 0,
    words           TEXT NOT NULL DEFAULT '',
    millis          BIGINT NOT NULL DEFAULT 0,
    created_at      BIGINT NOT NULL,
    settled_at      BIGINT,
    UNIQUE (subscription_id, event_id)
);
CREATE INDEX event_deliveries_due ON event_deliveries (run_at, id) WHERE state = 'pending';
CREATE INDEX event_deliveries_log ON event_deliveries (subscription_id, id);
