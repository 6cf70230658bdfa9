"""Enquiries, requests for information, and the statutory list with its entries."""

from gongzhi.service_line.openness.models.columns import Column, Entry
from gongzhi.service_line.openness.models.enquiries import Enquiry
from gongzhi.service_line.openness.models.requests import InfoRequest

__all__ = ["Column", "Enquiry", "Entry", "InfoRequest"]
