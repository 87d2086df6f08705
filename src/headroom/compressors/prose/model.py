"""The seam of a sentence model: what says how much a sentence bears on a question.

Without a model the words that sentence and question share decide, by BM25. A trained model
implements this one method elsewhere and is handed to `Prose`. It sees sentences and a question
and knows nothing of budgets, markers or the order of a document; titles, neighbours and what a
question names are weighed around it.
"""

from collections.abc import Sequence
from typing import Protocol


class SentenceModel(Protocol):
    """Scores sentences against a question."""

    def scores(self, sentences: Sequence[str], query: str) -> Sequence[float]:
        """For each sentence a figure, 0 or more, on any scale: the higher, the more it bears on
        `query`. The same sentences and query give the same figures in every process. In talk a
        sentence stands behind its speaker's name; headings are among the sentences."""
        ...
