"""The firms' register 企业: who does business here, under which code, in which trade, where, for whom to speak, and what they report.

Facts out: FirmRegistered, FirmChanged, FirmContactSet, FirmFigureTold, FirmsTaken. Facts in: OrganDefined (an organ that is a firm has its place here).
Not here: what firms discharge (sources), what they are owed (service line).
"""
