"""The Flow (photoseek.yml), and the process that runs it."""
