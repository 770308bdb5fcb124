-- What a legal receipt says of its recipient, so that the state of a message can be told from its receipts alone.
ALTER TABLE receipts ADD COLUMN action TEXT NOT NULL DEFAULT '';
UPDATE receipts SET action = CASE
    WHEN name = 'accettazione' AND words = 'esterno' THEN 'relayed'
    WHEN name = 'avvenuta-consegna' THEN 'delivered'
    WHEN name IN ('non-accettazione', 'errore-consegna', 'rilevazione-virus') THEN 'failed'
    WHEN name = 'preavviso-errore-consegna' AND words LIKE '%5.4.1%' THEN 'failed'
    ELSE 'delayed' END;

-- Receipts of a sending before the last one: shown, and no longer counted.
ALTER TABLE receipts ADD COLUMN earlier_sending @FLAG@ NOT NULL DEFAULT FALSE;
