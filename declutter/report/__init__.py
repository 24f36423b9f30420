"""What was removed and why, to look at: HTML pages and lines for a terminal."""
