"""River two: a file becomes knowledge, and its query side."""
