"""What the proxy costs: each part in a process of its own, all on loopback."""
