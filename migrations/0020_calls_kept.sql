-- Recordings of talks, the time after a call, reasons of pauses, and how a promise to call back ended.

-- Recordings of talks; messages on the answering machine are files of their contacts.
CREATE TABLE call_recordings (
    id          @ID@,
    -- name of the call
    call        TEXT NOT NULL,
    -- its own name within the call
    name        TEXT NOT NULL,
    media_type  TEXT NOT NULL DEFAULT '',
    size        BIGINT NOT NULL DEFAULT 0,
    seconds     BIGINT,
    -- NULL: it could not be fetched, or its time is over
    blob        TEXT,
    -- where it lies when it could not be fetched
    url         TEXT NOT NULL DEFAULT '',
    created_at  BIGINT NOT NULL,
    deleted_at  BIGINT,
    UNIQUE (call, name)
);
CREATE INDEX call_recordings_kept ON call_recordings (created_at) WHERE deleted_at IS NULL;
CREATE INDEX call_recordings_blob ON call_recordings (blob) WHERE blob IS NOT NULL;

-- Why an agent takes no calls, and until when they finish what the last call left to do.
ALTER TABLE phone_agents ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE phone_agents ADD COLUMN wrap_until BIGINT;

-- When agents took calls, paused and finished calls; each row holds until the next of the same user.
CREATE TABLE phone_states (
    id          @ID@,
    user_id     BIGINT NOT NULL REFERENCES users (id),
    -- ready, pause, off, wrap
    state       TEXT NOT NULL,
    reason      TEXT NOT NULL DEFAULT '',
    at          BIGINT NOT NULL
);
CREATE INDEX phone_states_user ON phone_states (user_id, id);

-- How the citizen learnt that nobody reached them: a channel, none; empty while it is open or when they answered.
ALTER TABLE callbacks ADD COLUMN told TEXT NOT NULL DEFAULT '';
CREATE INDEX calls_of_contact ON calls (contact_id) WHERE contact_id IS NOT NULL;
-- What holds the bytes of a recording, before they are deleted.
CREATE INDEX attachments_blob ON attachments (blob);
CREATE INDEX raw_items_blob ON raw_items (blob) WHERE blob IS NOT NULL;
CREATE INDEX calls_account ON calls (account, id);
