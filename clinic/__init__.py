"""The clinic's desk: a browser's pages, for the staff who read, act and answer for the log."""
