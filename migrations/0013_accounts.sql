-- The channel accounts that the administration opened, and what their providers say of what was sent.

CREATE TABLE channel_accounts (
    id          @ID@,
    -- stable: part of the address of its hooks, and the account of its raw items
    name        TEXT NOT NULL UNIQUE,
    -- who speaks with the provider (sms_kannel, pec, …)
    driver      TEXT NOT NULL,
    -- JSON object by field; a secret is a reference to the environment or to a file
    settings    TEXT NOT NULL,
    -- owner of what arrives; empty for the desk's entry unit
    unit        TEXT NOT NULL DEFAULT '',
    enabled     @FLAG@ NOT NULL,
    -- goes up at every change, so that nodes see it
    version     BIGINT NOT NULL,
    changed_at  BIGINT NOT NULL,
    changed_by  BIGINT
);

-- The id under which the provider knows a message; its reports name it.
ALTER TABLE outbox ADD COLUMN provider_id TEXT;
CREATE INDEX outbox_provider ON outbox (provider_id) WHERE provider_id IS NOT NULL;

-- Receipts with legal value (certified mail), each once, whatever the order in which they came.
CREATE TABLE receipts (
    id          @ID@,
    outbox_id   BIGINT NOT NULL REFERENCES outbox (id),
    -- what the provider calls it (accettazione, avvenuta-consegna, …)
    name        TEXT NOT NULL,
    -- by the provider's clock
    at          BIGINT NOT NULL,
    words       TEXT NOT NULL DEFAULT '',
    raw_id      BIGINT NOT NULL,
    UNIQUE (outbox_id, name, at)
);

-- A part of a message waits, held, for the others of the same name.
ALTER TABLE raw_items ADD COLUMN part_of TEXT;
CREATE INDEX raw_items_held ON raw_items (account, part_of) WHERE state = 'held';
CREATE INDEX raw_items_letters ON raw_items (id) WHERE channel = 'letter';
