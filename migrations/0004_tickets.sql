-- Tickets, their contacts, legs, drafts.

CREATE TABLE tickets (
    id              @ID@,
    code            TEXT NOT NULL UNIQUE,
    -- grows by one with each change; a change made on an older one is refused
    version         BIGINT NOT NULL,
    -- new, open, waiting_citizen, referred, resolved, closed
    state           TEXT NOT NULL,
    subject         TEXT NOT NULL,
    -- of the first contact
    channel         TEXT NOT NULL,
    -- information, report, complaint, application
    kind            TEXT NOT NULL,
    category_id     BIGINT REFERENCES categories (id),
    owner_unit_id   BIGINT NOT NULL REFERENCES units (id),
    assignee_id     BIGINT REFERENCES users (id),
    person_id       BIGINT REFERENCES persons (id),
    language        TEXT NOT NULL DEFAULT 'it',
    opened_at       BIGINT NOT NULL,
    -- last contact or change that an agent should see: lists are ordered by it
    touched_at      BIGINT NOT NULL,
    expected_at     BIGINT NOT NULL,
    resolved_at     BIGINT,
    closed_at       BIGINT,
    -- answered, not_competent, withdrawn, duplicate, no_answer_needed
    outcome         TEXT,
    closing_sheet_id BIGINT,
    -- legs that count for the front-office closure rate
    decisive_legs   BIGINT NOT NULL DEFAULT 0,
    external_legs   BIGINT NOT NULL DEFAULT 0,
    open_legs       BIGINT NOT NULL DEFAULT 0,
    -- the ticket this one continues after the reopening time
    continues_id    BIGINT REFERENCES tickets (id)
);
CREATE INDEX tickets_queue ON tickets (state, owner_unit_id, touched_at, id);
CREATE INDEX tickets_assignee ON tickets (assignee_id, state, touched_at, id) WHERE assignee_id IS NOT NULL;
CREATE INDEX tickets_person ON tickets (person_id, opened_at) WHERE person_id IS NOT NULL;
CREATE INDEX tickets_state ON tickets (state, id);

CREATE TABLE contacts (
    id              @ID@,
    ticket_id       BIGINT NOT NULL REFERENCES tickets (id),
    -- in, out, note
    direction       TEXT NOT NULL,
    -- email, web, phone, counter, letter, sms, fax, pec, voicemail, note
    channel         TEXT NOT NULL,
    person_id       BIGINT REFERENCES persons (id),
    -- user who wrote it
    author_id       BIGINT REFERENCES users (id),
    -- leg it belongs to: such contacts never reach the citizen
    leg_id          BIGINT,
    from_name       TEXT NOT NULL DEFAULT '',
    from_address    TEXT NOT NULL DEFAULT '',
    to_address      TEXT NOT NULL DEFAULT '',
    subject         TEXT NOT NULL DEFAULT '',
    body            TEXT NOT NULL,
    -- history quoted below the text, folded on the desk
    quoted          TEXT NOT NULL DEFAULT '',
    -- sanitised once, at intake
    html            TEXT,
    -- why it looks automatic, if it does
    automatic       TEXT,
    -- whether a citizen who proved to be the requester sees it
    public          @FLAG@ NOT NULL,
    raw_id          BIGINT,
    -- Message-ID without angle brackets, own or foreign
    message_id      TEXT,
    -- names one touch however many mailboxes brought it
    dedupe_key      TEXT UNIQUE,
    sheet_id        BIGINT,
    happened_at     BIGINT NOT NULL,
    created_at      BIGINT NOT NULL
);
CREATE INDEX contacts_ticket ON contacts (ticket_id, id);
CREATE INDEX contacts_raw ON contacts (raw_id) WHERE raw_id IS NOT NULL;
CREATE INDEX contacts_person ON contacts (person_id, id) WHERE person_id IS NOT NULL;

CREATE TABLE message_ids (
    message_id  TEXT NOT NULL,
    ticket_id   BIGINT NOT NULL REFERENCES tickets (id),
    contact_id  BIGINT,
    leg_id      BIGINT,
    PRIMARY KEY (message_id, ticket_id)
);

CREATE TABLE attachments (
    id          @ID@,
    contact_id  BIGINT NOT NULL REFERENCES contacts (id),
    position    BIGINT NOT NULL,
    name        TEXT NOT NULL,
    media_type  TEXT NOT NULL,
    size        BIGINT NOT NULL,
    blob        TEXT NOT NULL,
    content_id  TEXT,
    inline      @FLAG@ NOT NULL DEFAULT FALSE
);
CREATE INDEX attachments_contact ON attachments (contact_id, position);

CREATE TABLE drafts (
    ticket_id   BIGINT NOT NULL REFERENCES tickets (id),
    user_id     BIGINT NOT NULL REFERENCES users (id),
    -- reply, note
    kind        TEXT NOT NULL,
    body        TEXT NOT NULL,
    updated_at  BIGINT NOT NULL,
    PRIMARY KEY (ticket_id, user_id, kind)
);

CREATE TABLE ticket_links (
    id          @ID@,
    ticket_id   BIGINT NOT NULL REFERENCES tickets (id),
    other_id    BIGINT NOT NULL REFERENCES tickets (id),
    -- may_belong_to, continues
    kind        TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    settled_at  BIGINT,
    UNIQUE (ticket_id, other_id, kind)
);

CREATE TABLE legs (
    id              @ID@,
    ticket_id       BIGINT NOT NULL REFERENCES tickets (id),
    -- 1, 2, 3 … within the ticket; its code is `<ticket>/<number>`
    number          BIGINT NOT NULL,
    unit_id         BIGINT NOT NULL REFERENCES units (id),
    -- competence, inquiry, knowledge
    kind            TEXT NOT NULL,
    external        @FLAG@ NOT NULL,
    question        TEXT NOT NULL,
    -- sent, answered, returned, withdrawn
    state           TEXT NOT NULL,
    version         BIGINT NOT NULL DEFAULT 1,
    sent_by         BIGINT REFERENCES users (id),
    sent_at         BIGINT NOT NULL,
    answered_at     BIGINT,
    answer          TEXT NOT NULL DEFAULT '',
    -- why the unit is not competent
    reason          TEXT NOT NULL DEFAULT '',
    -- the other body's own code for it
    external_code   TEXT NOT NULL DEFAULT '',
    -- when the ticket was given the answer's completion
    seen_at         BIGINT,
    UNIQUE (ticket_id, number)
);
CREATE INDEX legs_unit ON legs (unit_id, state, sent_at);

CREATE TABLE leg_tokens (
    token_hash  TEXT PRIMARY KEY,
    leg_id      BIGINT NOT NULL REFERENCES legs (id),
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    revoked_at  BIGINT
);
CREATE INDEX leg_tokens_leg ON leg_tokens (leg_id);
