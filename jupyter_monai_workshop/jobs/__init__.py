"""Long work: its states, progress and cancel. Knows nobody."""
