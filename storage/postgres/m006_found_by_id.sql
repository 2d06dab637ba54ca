-- Alerts are found by their ids: an index of their numbers only cost where rows are written.
ALTER TABLE alerts DROP CONSTRAINT alerts_pkey;
