"""Thin adapters to other systems; each needs the extra of its name."""
