"""People the town deals with, their log-ins, and how they sign in.

Facts out: PersonRegistered, LoginGiven, SignInTried, SecondFactorChanged, SealedFieldShown, PersonErased and so on; all
private. Facts in: none.

sealing.py     personal fields at rest, masks
hashing.py     keyed hashes that outlive their field key
resealing.py   what is sealed under which key; rotation.py: a whole town anew after a key was added
needs.py       what still needs a person, as modules above say it
terms.py       how long details are kept, by kind
openid.py      signing in at an OpenID provider (authorization code with PKCE)

What it is not: what somebody may do comes from posts, which stand in `organs`.
"""
