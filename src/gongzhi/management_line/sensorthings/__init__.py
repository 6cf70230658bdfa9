"""SensorThings: the stations and their readings by OGC SensorThings API 1.1 (18-088), for reading and writing."""
