"""The edge: the only place that knows channels, HTTP, PDF, images, the clock and the environment."""
