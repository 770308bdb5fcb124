-- The tickets that a sheet closed, the latest first: what their citizens asked teaches the search its words.
CREATE INDEX tickets_lessons ON tickets (closing_sheet_id, id) WHERE closing_sheet_id IS NOT NULL;
