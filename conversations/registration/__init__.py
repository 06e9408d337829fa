"""What becomes of a registration once it is open: where it stands, time, newer rules, the way back."""
