from django.apps import AppConfig


class CriteriaConfig(AppConfig):
    name = "gongzhi.foundation.criteria"

    def ready(self) -> None:
        from gongzhi.foundation.criteria import town_subjects  # noqa: F401 - declares residents and firms
