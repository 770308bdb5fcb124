-- Texts around an answer, changed by the administration; the latest row of a place holds.
CREATE TABLE wordings (
    id          @ID@,
    -- salutation, salutation_unnamed, signature, acknowledgement, resolved
    part        TEXT NOT NULL,
    -- email, pec, sms, fax, letter
    channel     TEXT NOT NULL,
    lang        TEXT NOT NULL,
    -- NULL: the built-in text again
    text        TEXT,
    user_id     BIGINT REFERENCES users (id),
    at          BIGINT NOT NULL
);
CREATE INDEX wordings_place ON wordings (part, channel, lang, id);

-- Whether the owner of an address wants to be told of things by a channel; the latest row of an address holds.
CREATE TABLE consents (
    id          @ID@,
    channel     TEXT NOT NULL,
    -- in normal form
    address     TEXT NOT NULL,
    -- given, withdrawn
    state       TEXT NOT NULL,
    -- word (STOP, START), form, assisted, tracking, desk
    source      TEXT NOT NULL,
    at          BIGINT NOT NULL,
    -- the message that asked for it
    raw_id      BIGINT,
    user_id     BIGINT REFERENCES users (id)
);
CREATE INDEX consents_address ON consents (channel, address, id);

-- `refusals` is read no more; a later release removes it.
INSERT INTO consents (channel, address, state, source, at, raw_id)
SELECT channel, address, 'withdrawn', 'word', at, raw_id FROM refusals;
