-- Letters at work page by page, the register of documents, letters that are printed and posted.

-- A scanned letter as the desk works it; its contact holds the text that everybody reads.
CREATE TABLE letters (
    contact_id      BIGINT PRIMARY KEY REFERENCES contacts (id),
    -- new, worked, not_ours, joined
    state           TEXT NOT NULL,
    -- grows by one with each change; a change made on an older one is refused
    version         BIGINT NOT NULL,
    -- how sure the program was of the text, in percent; NULL when it read none
    confidence      BIGINT,
    -- the day the letter bears, YYYY-MM-DD
    dated           TEXT NOT NULL DEFAULT '',
    sender_name     TEXT NOT NULL DEFAULT '',
    -- postal address, a line each
    sender_address  TEXT NOT NULL DEFAULT '',
    -- numbers of registered letters and other bar codes, separated by spaces
    barcodes        TEXT NOT NULL DEFAULT '',
    -- why it is not for us
    reason          TEXT NOT NULL DEFAULT '',
    -- the letter its pages were joined to
    joined_to       BIGINT REFERENCES letters (contact_id),
    received_at     BIGINT NOT NULL
);
CREATE INDEX letters_state ON letters (state, contact_id);

CREATE TABLE letter_pages (
    id          @ID@,
    letter_id   BIGINT NOT NULL REFERENCES letters (contact_id),
    position    BIGINT NOT NULL,
    -- the scan it lies in, and its number there, from 1
    blob        TEXT NOT NULL,
    number      BIGINT NOT NULL,
    confidence  BIGINT,
    -- as the program read it, never changed; NULL when it read nothing
    read_text   TEXT,
    -- places of doubtful words in it, as JSON pairs of bytes
    doubtful    TEXT NOT NULL DEFAULT '[]',
    -- as people left it
    text        TEXT NOT NULL
);
CREATE INDEX letter_pages_letter ON letter_pages (letter_id, position);

-- Who changed what of a letter: each with what was there before.
CREATE TABLE letter_changes (
    id          @ID@,
    letter_id   BIGINT NOT NULL REFERENCES letters (contact_id),
    at          BIGINT NOT NULL,
    user_id     BIGINT REFERENCES users (id),
    -- text, subject, dated, sender, address, pages, state
    field       TEXT NOT NULL,
    before      TEXT NOT NULL,
    after       TEXT NOT NULL
);
CREATE INDEX letter_changes_letter ON letter_changes (letter_id, id);

-- One row a register and year, locked by whoever takes the next number: numbers have no gaps.
CREATE TABLE registers (
    code        TEXT NOT NULL,
    year        BIGINT NOT NULL,
    last_number BIGINT NOT NULL,
    last_at     BIGINT NOT NULL,
    PRIMARY KEY (code, year)
);

-- The register of documents (DPR 445/2000, art. 53). Rows are never changed.
CREATE TABLE registrations (
    id              @ID@,
    contact_id      BIGINT NOT NULL REFERENCES contacts (id),
    -- own: a number of this register; external: given by the register of the body
    origin          TEXT NOT NULL,
    register        TEXT NOT NULL,
    year            BIGINT NOT NULL,
    -- at least seven digits
    number          TEXT NOT NULL,
    -- local day, YYYY-MM-DD
    day             TEXT NOT NULL,
    registered_at   BIGINT NOT NULL,
    user_id         BIGINT REFERENCES users (id),
    -- in, out
    direction       TEXT NOT NULL,
    channel         TEXT NOT NULL,
    sender          TEXT NOT NULL,
    recipients      TEXT NOT NULL,
    subject         TEXT NOT NULL,
    -- what the document itself bears
    received_number TEXT NOT NULL DEFAULT '',
    received_day    TEXT NOT NULL DEFAULT '',
    -- JSON: name, size and SHA-256 of each file, the document itself first
    documents       TEXT NOT NULL,
    sha256          TEXT NOT NULL,
    UNIQUE (register, year, number)
);
CREATE INDEX registrations_contact ON registrations (contact_id);
CREATE INDEX registrations_day ON registrations (day, id);

CREATE TABLE registration_cancellations (
    registration_id BIGINT PRIMARY KEY REFERENCES registrations (id),
    at              BIGINT NOT NULL,
    user_id         BIGINT REFERENCES users (id),
    reason          TEXT NOT NULL,
    -- the act that ordered it
    act             TEXT NOT NULL
);

-- Letters that go out: from the queue through the printer to the post.
CREATE TABLE printings (
    outbox_id   BIGINT PRIMARY KEY REFERENCES outbox (id),
    -- the finished pages
    blob        TEXT NOT NULL,
    sheets      BIGINT NOT NULL,
    queued_at   BIGINT NOT NULL,
    -- last taken to the printer, and how often
    printed_at  BIGINT,
    times       BIGINT NOT NULL DEFAULT 0,
    posted_at   BIGINT,
    posted_by   BIGINT REFERENCES users (id),
    -- number of the registered letter
    tracking    TEXT NOT NULL DEFAULT ''
);
CREATE INDEX printings_waiting ON printings (outbox_id) WHERE posted_at IS NULL;
