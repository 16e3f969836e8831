"""The instructor's package: lessons to notebooks, submissions to grades."""
