"""Pages of stations (for everybody), of devices (for those who keep them), and the forms by which both are registered."""

from gongzhi.management_line.sensing.views import devices, registry, stations

__all__ = ["devices", "registry", "stations"]
