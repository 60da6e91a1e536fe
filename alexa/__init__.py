"""A speaker: heard, rendered, and the webhook between them."""
