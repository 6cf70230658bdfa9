"""How the state of a thing is told to people: a word, a chip of the design system, an icon of the sprite."""

from typing import Any, ClassVar

Words = tuple[Any, str, str]


class HasState:
    """A model with a `state`. STATE_WORDS: state → (word, chip, icon); `state_words` is overridden where more than the state counts."""

    STATE_WORDS: ClassVar[dict[str, Words]]
    state: Any

    @property
    def state_words(self) -> Words:
        return self.STATE_WORDS[self.state]

    @property
    def state_word(self) -> Any:
        return self.state_words[0]

    @property
    def chip(self) -> str:
        return self.state_words[1]

    @property
    def icon(self) -> str:
        return self.state_words[2]
