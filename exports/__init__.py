"""Conversations for other programs, as lines of JSON, as a spreadsheet, as FHIR resources.

And for people who look at how each turn was decided, or play a conversation again: as transcripts.

Everything here is a pure function of a stored conversation and the flow.
"""
