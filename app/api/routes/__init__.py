"""One module of routes a tag of the documentation."""
