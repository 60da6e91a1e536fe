"""The carrier's edge, shared by both channels: who is calling, and is it really the carrier."""
