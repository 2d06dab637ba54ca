-- What channels were told is asked once a pass for all of them. What is recent lies together in
-- the table: a summary of its blocks finds it, and costs nothing where rows are written.
DROP INDEX alerts_told;
DROP INDEX alerts_recent;
CREATE INDEX alerts_recent ON alerts USING brin (market_time) WITH (autosummarize = on);
