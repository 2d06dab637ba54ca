"""The brief: findings first, then sentences.

`findings` looks at bars, news and the record and returns facts with their numbers and a strength;
`sentences` turns each fact into words that carry those numbers; `note` and `card` are two
renderings of the same findings. What could not be looked at is said in its place.
"""
