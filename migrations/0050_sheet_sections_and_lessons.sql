-- The parts of a sheet that the national model of municipal sites asks for, and what sheets do not learn.

-- The parts of a service's page that the national model of municipal sites asks for (C.SI.1.3), as Markdown.
ALTER TABLE sheet_texts ADD COLUMN addressed_to TEXT NOT NULL DEFAULT '';
ALTER TABLE sheet_texts ADD COLUMN obtained TEXT NOT NULL DEFAULT '';
ALTER TABLE sheet_texts ADD COLUMN deadlines TEXT NOT NULL DEFAULT '';
ALTER TABLE sheet_texts ADD COLUMN further TEXT NOT NULL DEFAULT '';
ALTER TABLE sheet_texts ADD COLUMN conditions TEXT NOT NULL DEFAULT '';

-- What editors took out of what sheets learn from the tickets they closed.

CREATE TABLE unlearnt_words (
    sheet_id    BIGINT NOT NULL REFERENCES sheets (id),
    lang        TEXT NOT NULL,
    -- lower case
    word        TEXT NOT NULL,
    at          BIGINT NOT NULL,
    actor       TEXT NOT NULL,
    PRIMARY KEY (sheet_id, lang, word)
);

CREATE TABLE unlearnt_tickets (
    sheet_id    BIGINT NOT NULL REFERENCES sheets (id),
    ticket_id   BIGINT NOT NULL REFERENCES tickets (id),
    at          BIGINT NOT NULL,
    actor       TEXT NOT NULL,
    PRIMARY KEY (sheet_id, ticket_id)
);
