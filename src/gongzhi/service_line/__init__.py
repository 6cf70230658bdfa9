"""Service line 服务: what people want of the town, in the open: matters, and what the town owes everybody to know."""
