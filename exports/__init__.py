"""Conversations for other programs: as lines of JSON, as a spreadsheet, as FHIR resources;
and for people who look at how each turn was decided, as transcripts.

Everything here is a pure function of a stored conversation and the flow.
"""
