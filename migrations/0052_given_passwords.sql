-- Whether an administrator chose the password: its owner must change it before anything else.
ALTER TABLE users ADD COLUMN password_given @FLAG@ NOT NULL DEFAULT FALSE;
