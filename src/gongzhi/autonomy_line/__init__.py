"""自治线, the self-governance line: residents, employees, firms and migrant workers elect, decide, are heard, and can check each count themselves."""
