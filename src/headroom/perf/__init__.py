"""The built-in workloads and how they are measured on the user's own machine."""

from headroom.perf.measure import Row, measure
from headroom.perf.workloads import Workload, built_in

__all__ = ["Row", "Workload", "built_in", "measure"]
