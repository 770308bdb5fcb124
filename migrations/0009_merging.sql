-- Tickets and persons that turned out to be one, messages that lay in the wrong ticket, and what is needed to
-- part them again; identifiers that somebody claims without proof.

-- The ticket that goes on in its place; always one that is not merged itself.
ALTER TABLE tickets ADD COLUMN merged_into_id BIGINT REFERENCES tickets (id);
CREATE INDEX tickets_merged ON tickets (merged_into_id) WHERE merged_into_id IS NOT NULL;

-- The ticket whose citizen this contact is with, where that is not the ticket it lies in.
ALTER TABLE contacts ADD COLUMN via_id BIGINT REFERENCES tickets (id);
CREATE INDEX contacts_via ON contacts (via_id, id) WHERE via_id IS NOT NULL;
CREATE INDEX contacts_leg ON contacts (leg_id, id) WHERE leg_id IS NOT NULL;

CREATE TABLE ticket_merges (
    id                  @ID@,
    ticket_id           BIGINT NOT NULL REFERENCES tickets (id),
    into_id             BIGINT NOT NULL REFERENCES tickets (id),
    -- the ticket as it was
    state               TEXT NOT NULL,
    assignee_id         BIGINT REFERENCES users (id),
    resolved_at         BIGINT,
    closed_at           BIGINT,
    outcome             TEXT,
    closing_sheet_id    BIGINT,
    merged_at           BIGINT NOT NULL,
    undone_at           BIGINT
);
CREATE UNIQUE INDEX ticket_merges_standing ON ticket_merges (ticket_id) WHERE undone_at IS NULL;
CREATE INDEX ticket_merges_into ON ticket_merges (into_id);

-- Where a contact came from; rows of a merge go when it is undone.
CREATE TABLE contact_moves (
    id          @ID@,
    contact_id  BIGINT NOT NULL REFERENCES contacts (id),
    from_id     BIGINT NOT NULL REFERENCES tickets (id),
    to_id       BIGINT NOT NULL REFERENCES tickets (id),
    -- NULL: moved by hand
    merge_id    BIGINT REFERENCES ticket_merges (id),
    moved_at    BIGINT NOT NULL
);
CREATE INDEX contact_moves_contact ON contact_moves (contact_id, id);
CREATE INDEX contact_moves_merge ON contact_moves (merge_id) WHERE merge_id IS NOT NULL;

-- The person that goes on in its place; always one that is not merged itself.
ALTER TABLE persons ADD COLUMN merged_into_id BIGINT REFERENCES persons (id);
CREATE INDEX persons_merged ON persons (merged_into_id) WHERE merged_into_id IS NOT NULL;

-- When it came to this person, where that was not when it was first known.
ALTER TABLE identifiers ADD COLUMN joined_at BIGINT;

CREATE TABLE person_merges (
    id          @ID@,
    person_id   BIGINT NOT NULL REFERENCES persons (id),
    into_id     BIGINT NOT NULL REFERENCES persons (id),
    merged_at   BIGINT NOT NULL,
    merged_by   TEXT NOT NULL,
    undone_at   BIGINT
);
CREATE UNIQUE INDEX person_merges_standing ON person_merges (person_id) WHERE undone_at IS NULL;
CREATE INDEX person_merges_into ON person_merges (into_id);

-- What was whose.
CREATE TABLE person_moves (
    merge_id    BIGINT NOT NULL REFERENCES person_merges (id),
    -- identifier, ticket, contact
    what        TEXT NOT NULL,
    row_id      BIGINT NOT NULL,
    -- of an identifier
    joined_at   BIGINT,
    PRIMARY KEY (merge_id, what, row_id)
);
CREATE INDEX person_moves_row ON person_moves (what, row_id);

-- Identifiers given for a known person by somebody who proved nothing; they count only once confirmed.
CREATE TABLE identifier_claims (
    id          @ID@,
    person_id   BIGINT NOT NULL REFERENCES persons (id),
    kind        TEXT NOT NULL,
    value       TEXT NOT NULL,
    raw         TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    settled_at  BIGINT,
    settled_by  TEXT,
    -- confirmed, rejected
    settled_as  TEXT,
    UNIQUE (person_id, kind, value)
);
