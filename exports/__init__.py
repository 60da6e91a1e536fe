"""Conversations for other programs: as lines of JSON, as a spreadsheet, as FHIR resources.

Everything here is a pure function of a stored conversation and the flow.
"""
