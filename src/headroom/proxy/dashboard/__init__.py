"""The dashboard: one page, and the data that it shows beside `/stats`."""

from headroom.proxy.dashboard.routes import PAGE, routes

__all__ = ["PAGE", "routes"]
