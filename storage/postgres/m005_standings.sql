-- Where each watched symbol stood at its last close: ranks and breadth are made of these.
CREATE TABLE standings (
    symbol TEXT COLLATE "C" PRIMARY KEY,
    session TEXT COLLATE "C" NOT NULL,
    score DOUBLE PRECISION,
    listed BIGINT NOT NULL,
    new_high BIGINT NOT NULL,
    new_low BIGINT NOT NULL,
    above_50 BIGINT
);
