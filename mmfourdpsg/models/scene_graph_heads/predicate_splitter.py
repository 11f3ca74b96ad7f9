"""Where a predicate ends and the object's category begins."""

from collections.abc import Collection, Iterable

from .labels import unescape_label


class PredicateSplitter:
    """Splits ``standing on dining table`` into predicate and category.

    Among the possible splits it takes, in this order, one whose object is not the
    subject itself, whose predicate and category are both known, whose object has been
    mentioned before, whose category is known, whose predicate is known. A category is
    known from the vocabulary or from an earlier mention. Among equals the longest known
    category wins, else the shortest, which is the last word.

    Args:
        categories: Known categories.
        predicates: Known predicates.
    """

    def __init__(
        self, categories: Iterable[str] = (), predicates: Iterable[str] = ()
    ) -> None:
        self.categories = {label.strip().lower() for label in categories}
        self.predicates = {label.strip().lower() for label in predicates}

    def split(
        self,
        words: list[str],
        number: int,
        subject: tuple[str, int],
        seen: Collection[tuple[str, int]],
    ) -> int:
        """Find the split.

        Args:
            words: Escaped words of predicate and category.
            number: The object's number.
            subject: The subject's category and number.
            seen: Category and number of every object mentioned before.

        Returns:
            How many words are the predicate; 0 if there are too few words.
        """
        known = {*self.categories, subject[0], *(category for category, _ in seen)}

        def rank(cut: int) -> tuple:
            predicate = unescape_label(' '.join(words[:cut])) in self.predicates
            label = unescape_label(' '.join(words[cut:]))
            category = label in known
            length = len(words) - cut
            return (
                (label, number) != subject,
                predicate and category,
                (label, number) in seen,
                category,
                predicate,
                length if category else -length,
            )

        return max(range(1, len(words)), key=rank, default=0)
