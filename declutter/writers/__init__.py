"""Writers render what is left of a document."""
