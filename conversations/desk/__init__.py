"""The people who decide: what they may do, their cards, what they get to read."""
