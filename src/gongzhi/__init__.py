"""gongzhi 共治: one closed loop for a small town, its residents and its firms."""

__version__ = "0.1.0"
