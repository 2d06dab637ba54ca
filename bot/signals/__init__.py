"""Signals: pure functions from bars to facts, no input or output, no clock.

`kinds.KINDS` is the table of all rules. One symbol: `highs`, `relative`, `strength`, `rotation`,
`pairs`, `setups`. A universe: `scan` and `board` (the last session), `breadth` and
`participation`, `mood`. The past: `crossings`, `events`, `record`. Quotes: `triggers`.
"""
