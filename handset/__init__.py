"""A phone in the browser: it texts and calls the line as a carrier would bring it."""
