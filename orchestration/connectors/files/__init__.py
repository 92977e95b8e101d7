"""Files as deliveries."""
