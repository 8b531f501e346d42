"""The terminal UI of ssmm."""
