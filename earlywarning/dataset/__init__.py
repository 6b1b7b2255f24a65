"""From checked tables to a model's input: history, cohort, features, labels, splits."""
