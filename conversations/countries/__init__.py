"""What is known of countries and said to whoever asks: one, several as a plan, or all of them. Nothing is opened."""
