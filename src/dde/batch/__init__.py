"""Thousands of frames, in worker processes, into records and a summary."""
