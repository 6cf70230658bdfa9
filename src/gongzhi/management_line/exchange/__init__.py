"""Exchange 数据共享交换: requests for data that the answering unit decides field by field, and doubts that it settles.

What is granted lies below (`registers/grants`), so that forms of every line are filled through it; here are the two kinds of case, the pages of
the catalogue, of requests, grants and use, and the signed way in for rows from outside.

Facts out: DataRequested, DataRequestAnswered, CorrectionAsked, CorrectionAnswered, SenderSet, RowsSent. Facts in: CaseWithdrawn and others that end a
case (the mark of a doubt goes), CaseDecided (who asked is told).
"""
