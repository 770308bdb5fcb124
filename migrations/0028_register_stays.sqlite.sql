-- What is in the register stays as it is, whatever program asks.
CREATE TRIGGER registrations_keep_update BEFORE UPDATE ON registrations
BEGIN SELECT RAISE(ABORT, 'the register is never changed'); END;
CREATE TRIGGER registrations_keep_delete BEFORE DELETE ON registrations
BEGIN SELECT RAISE(ABORT, 'the register is never changed'); END;
CREATE TRIGGER cancellations_keep_update BEFORE UPDATE ON registration_cancellations
BEGIN SELECT RAISE(ABORT, 'the register is never changed'); END;
CREATE TRIGGER cancellations_keep_delete BEFORE DELETE ON registration_cancellations
BEGIN SELECT RAISE(ABORT, 'the register is never changed'); END;
