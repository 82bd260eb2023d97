"""Accounts, teams, visitors and looks over HTTP."""
