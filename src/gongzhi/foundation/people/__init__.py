"""People the town deals with, their log-ins, and how they sign in.

Facts out: PersonRegistered, LoginGiven, SignInTried, SecondFactorChanged, SealedFieldShown, PersonErased and so on; all
private. Facts in: none.

sealing.py   personal fields at rest, keyed hashes, masks
openid.py    signing in at an OpenID provider (authorization code with PKCE)

What it is not: what somebody may do comes from posts, which stand in `organs`.
"""
