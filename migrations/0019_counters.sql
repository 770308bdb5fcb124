-- Visits at counters: each is a contact on a ticket, with what only a counter knows of it.
CREATE TABLE visits (
    id              @ID@,
    contact_id      BIGINT NOT NULL UNIQUE REFERENCES contacts (id),
    -- the ticket it was registered on
    ticket_id       BIGINT NOT NULL REFERENCES tickets (id),
    -- whether that ticket was opened for it
    opened          @FLAG@ NOT NULL,
    -- whether it closed that ticket
    closed          @FLAG@ NOT NULL,
    counter_id      BIGINT NOT NULL REFERENCES units (id),
    user_id         BIGINT REFERENCES users (id),
    category_id     BIGINT REFERENCES categories (id),
    sheet_id        BIGINT REFERENCES sheets (id),
    -- answered, open, sent
    outcome         TEXT NOT NULL,
    -- when the visitor's form was opened, where that is known
    started_at      BIGINT,
    registered_at   BIGINT NOT NULL,
    undone_at       BIGINT
);
CREATE INDEX visits_day ON visits (registered_at, id);
CREATE INDEX visits_counter ON visits (counter_id, registered_at);

-- Topics that keep their number at a counter, whatever is asked most.
CREATE TABLE counter_topics (
    counter_id      BIGINT NOT NULL REFERENCES units (id),
    -- 1 to 9: the key that picks it
    number          BIGINT NOT NULL,
    category_id     BIGINT NOT NULL REFERENCES categories (id),
    sheet_id        BIGINT REFERENCES sheets (id),
    PRIMARY KEY (counter_id, number)
);

-- The counter at which somebody receives visitors.
CREATE TABLE user_counters (
    user_id         BIGINT PRIMARY KEY REFERENCES users (id),
    counter_id      BIGINT NOT NULL REFERENCES units (id)
);
