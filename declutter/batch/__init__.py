"""Many pages at once: from files and lists of records, one after the other."""
