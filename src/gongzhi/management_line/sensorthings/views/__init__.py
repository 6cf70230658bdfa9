"""What programs call, and the page that tells people of it."""
