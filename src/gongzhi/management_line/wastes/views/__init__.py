"""Pages of the ledgers of waste and of the soil."""

from gongzhi.management_line.wastes.views import ground, ledgers

__all__ = ["ground", "ledgers"]
