"""What is known of the invented authority only because its truth is known."""
