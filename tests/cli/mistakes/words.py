"""Words: those that many messages have."""

QUOTE = "put it in quotes"
