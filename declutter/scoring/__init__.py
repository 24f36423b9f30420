"""Scoring: how probable it is that a block is main content, from its features alone."""
