"""Files on their way back: received, placed, judged, told of."""
