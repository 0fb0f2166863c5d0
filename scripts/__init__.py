"""What developers of the extension run."""
