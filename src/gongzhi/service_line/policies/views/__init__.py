"""Pages of policies and drafts."""
