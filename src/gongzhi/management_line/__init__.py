"""Management line 管理: the town sees and acts."""
