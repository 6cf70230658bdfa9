"""Ecology: pollution sources, outlets and permits, wastes, sensitive places; what the town's air, water, soil and noise are like."""
