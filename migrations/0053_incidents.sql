-- Many reports of one thing: tickets gathered below one, and answered together.

CREATE TABLE ticket_parents (
    id              @ID@,
    child_id        BIGINT NOT NULL REFERENCES tickets (id),
    parent_id       BIGINT NOT NULL REFERENCES tickets (id),
    attached_by     BIGINT REFERENCES users (id),
    attached_at     BIGINT NOT NULL,
    -- whom it was given to by that; taken back with it
    given_to        BIGINT REFERENCES users (id),
    detached_at     BIGINT
);
CREATE UNIQUE INDEX ticket_parents_child ON ticket_parents (child_id) WHERE detached_at IS NULL;
CREATE INDEX ticket_parents_parent ON ticket_parents (parent_id, id) WHERE detached_at IS NULL;

CREATE TABLE shared_answers (
    id              @ID@,
    parent_id       BIGINT NOT NULL REFERENCES tickets (id),
    text            TEXT NOT NULL,
    -- stay, wait, resolve, close
    next            TEXT NOT NULL,
    outcome         TEXT NOT NULL,
    -- code of the sheet the text comes from; empty: none
    sheet           TEXT NOT NULL,
    -- user:12, token:3
    author          TEXT NOT NULL,
    author_name     TEXT NOT NULL,
    written_at      BIGINT NOT NULL,
    -- NULL: some tickets wait for it
    done_at         BIGINT
);
CREATE INDEX shared_answers_parent ON shared_answers (parent_id, id);
CREATE INDEX shared_answers_waiting ON shared_answers (id) WHERE done_at IS NULL;

CREATE TABLE shared_answer_tickets (
    answer_id       BIGINT NOT NULL REFERENCES shared_answers (id),
    ticket_id       BIGINT NOT NULL REFERENCES tickets (id),
    -- waiting, sent, unreached, refused
    state           TEXT NOT NULL,
    channel         TEXT NOT NULL DEFAULT '',
    -- stable name of why it was not sent
    reason          TEXT NOT NULL DEFAULT '',
    settled_at      BIGINT,
    PRIMARY KEY (answer_id, ticket_id)
);
CREATE INDEX shared_answer_tickets_waiting ON shared_answer_tickets (answer_id, ticket_id) WHERE state = 'waiting';
CREATE INDEX shared_answer_tickets_ticket ON shared_answer_tickets (ticket_id);
