"""Two small kinds that no module of the product brings, to show what the engine does with any kind: each is declared here alone."""
