"""How fast features are, against SQL written by hand, pandas and one plain reading of the data."""
