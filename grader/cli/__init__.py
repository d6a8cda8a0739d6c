"""Argument parsing and printing: one file per group of commands, no logic of grading."""
