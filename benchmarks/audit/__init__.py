"""What the audit promises, measured: coverage, false alarms, planted gaps found, and speed."""
