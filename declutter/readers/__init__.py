"""Readers make a :class:`declutter.model.Document` of a source."""
