"""Who, where, when: what every line stands on."""
