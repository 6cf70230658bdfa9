"""Pages of enquiries, requests and the statutory list."""
