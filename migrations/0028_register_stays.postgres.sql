-- What is in the register stays as it is, whatever program asks.
CREATE FUNCTION register_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the register is never changed'; END $$;
CREATE TRIGGER registrations_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON registrations
    FOR EACH STATEMENT EXECUTE FUNCTION register_stays();
CREATE TRIGGER cancellations_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON registration_cancellations
    FOR EACH STATEMENT EXECUTE FUNCTION register_stays();
