"""A call: heard, rendered, and the webhooks between them."""
