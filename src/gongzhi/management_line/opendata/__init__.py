"""Open data 开放数据: what everybody may take away of the town's environment, and the catalogue that tells machines and people of it.

Kind: none. Facts: none in, none out; it only reads, always as anybody would (ANYONE), whoever asks.

catalogue.py  datasets, distributions and who gives them, as plain dataclasses. Pure
dcat.py       the catalogue as RDF, DCAT-AP 3.0.0 with the EU's vocabularies. Pure
"""
