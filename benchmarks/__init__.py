"""Figures about the extension, side by side with what else there is."""
