"""Measures the grader against answers that people have labelled."""
