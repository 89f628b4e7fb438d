"""Builds, installs and checks the Excel add-in."""
