from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class KernelConfig(AppConfig):
    name = "gongzhi.kernel"

    def ready(self) -> None:
        autodiscover_modules("abilities", "kinds", "subscribers", "doors", "acts", "figures", "agendas", "takers", "searching")
