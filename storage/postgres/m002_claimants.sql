ALTER TABLE alerts ADD COLUMN claimant TEXT COLLATE "C";
DROP INDEX alerts_claimed;
CREATE INDEX alerts_claimed ON alerts (channel_id) WHERE state = 'claimed';
-- By chunks of servers: a sender of a cluster looks at one chunk at a time.
DROP INDEX alerts_waiting;
CREATE INDEX alerts_waiting ON alerts (((guild_id >> 22) & 63), guild_id, channel_id, seq)
    WHERE state = 'pending';
