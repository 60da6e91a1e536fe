"""A text: heard, rendered, and the webhook between them."""
