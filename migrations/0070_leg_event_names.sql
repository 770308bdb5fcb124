-- Subscriptions and rules name events of legs as the feed does since legs know more acts.

UPDATE event_subscriptions
SET kinds = REPLACE(REPLACE(kinds, 'leg.returned', 'leg.refused'), 'leg.withdrawn', 'leg.recalled');
UPDATE automation_runs SET awaits = 'leg.refused' WHERE awaits = 'leg.returned';
UPDATE automation_versions SET content = REPLACE(content, '"leg.returned"', '"leg.refused"');
