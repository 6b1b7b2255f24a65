"""Evidence from real data: studies from outside the package, run on its whole path."""
