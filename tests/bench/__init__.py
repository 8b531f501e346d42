"""Timings, as ratios measured in one run: `python -m tests.bench`. Never a test: machines are noisy."""
