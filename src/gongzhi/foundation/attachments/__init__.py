"""Photos and papers, known by their content: type read from the bytes, metadata stripped, variants made.

Facts out: AttachmentAdded, AttachmentRemade, AttachmentsClosed. Facts in: none.

images.py   what a file is, and images in the sizes that pages need

Who may see one is said by what it hangs on: modules above register a holder (`rules.register_holder`).
"""
