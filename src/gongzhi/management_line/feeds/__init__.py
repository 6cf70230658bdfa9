"""Feeds: readings that come by MQTT or in files, with the mapping as data."""
