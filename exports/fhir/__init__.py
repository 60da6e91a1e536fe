"""Conversations as FHIR R4 (4.0.1): docs/decisions/0008-fhir.md says what stands for what.

Resources are plain dicts, ready to be written as JSON.
"""
