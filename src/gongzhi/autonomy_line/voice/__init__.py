"""民意, voice: what residents think, in groups and in common.

A `Conversation` puts a question; residents agree, disagree or pass on short statements, one after the other, and write their own, which somebody else
reads before they are shown (with the reason where they are not). What one person said is for nobody else (`Voice.visible_to`); the map that comes of
all (`picture.py`) holds groups of five and more. It is drawn again every minute in which something was said.

`opinionmap.py` finds groups of people who vote alike on short statements, what is typical of each and what all share (the Polis method, NumPy only);
`export.py` reads a folder as Polis exports it. `./gongzhi opinions FOLDER` prints the map of such a folder.

Facts out: ConversationOpened, StatementWritten, StatementJudged, StanceTaken, VoicesBrought, MapDrawn. It is no vote: it decides nothing.
"""
