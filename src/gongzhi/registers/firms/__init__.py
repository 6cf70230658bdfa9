"""The firms' register 企业: who does business here, under which code, in which trade, where, for whom to speak, and what they report.

Each firm has its organ (foundation/organs), by which it is given orders, files returns and is party to cases: one firm, one organ.

Facts out: FirmRegistered, FirmChanged, FirmContactSet, FirmFigureTold, FirmsTaken. Facts in: OrganDefined (an organ that is a firm gets its place here).
Not here: what firms discharge (sources), what they are granted (service line).
"""
