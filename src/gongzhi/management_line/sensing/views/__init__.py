"""Pages of stations (for everybody), of devices (for those who keep them), and the forms by which both are registered."""

from gongzhi.management_line.sensing.views import claims, devices, registry, stations

__all__ = ["claims", "devices", "registry", "stations"]
