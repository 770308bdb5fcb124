-- The sheet from which a request was written, and its version as it was then.

CREATE TABLE requested_sheets (
    ticket_id   BIGINT PRIMARY KEY REFERENCES tickets (id),
    sheet_id    BIGINT NOT NULL REFERENCES sheets (id),
    version     BIGINT NOT NULL
);
