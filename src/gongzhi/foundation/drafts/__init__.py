"""Drafts: what somebody is filling in and has not sent: kept by itself, resumed on another device, gone after thirty days.

A draft belongs to a person, or before anybody signed in to one browser's session; nobody else ever reads it. Values are
sealed like all that people tell. What a draft is for, and what its values mean, the module that began it knows (`purpose`,
such as "application:JY-02"); there is one draft for a purpose and an owner.

Facts out: DraftKept, DraftDropped, DraftsExpired, all private. Facts in: PersonErased (their drafts go).
"""
