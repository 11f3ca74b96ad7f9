"""Where a predicate ends and the object's category begins."""

from collections.abc import Collection, Iterable

from .labels import unescape_label


class PredicateSplitter:
    """Splits ``standing on dining table`` into predicate and category.

    A known predicate is never cut short: where the words begin with one, all of them
    are the predicate's, unless a shorter known predicate leaves a known category, as
    ``in`` and ``front door`` where ``in front`` is known, too. What a text then says
    may make no sense, as a thing next to itself; that is for the reader to drop.

    Among the splits that are left it takes, in this order, one whose object is not the
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
            How many words are the predicate; 0 where there is no split: too few words,
            or nothing but a known predicate.
        """
        known = {*self.categories, subject[0], *(category for category, _ in seen)}
        predicates = [
            cut
            for cut in range(1, len(words) + 1)
            if unescape_label(' '.join(words[:cut])) in self.predicates
        ]
        longest = max(predicates, default=0)

        def label(cut: int) -> str:
            return unescape_label(' '.join(words[cut:]))

        def rank(cut: int) -> tuple:
            category = label(cut) in known
            length = len(words) - cut
            return (
                (label(cut), number) != subject,
                cut in predicates and category,
                (label(cut), number) in seen,
                category,
                cut in predicates,
                length if category else -length,
            )

        cuts = [
            cut
            for cut in range(1, len(words))
            if cut >= longest or (cut in predicates and label(cut) in known)
        ]
        whole = [cut for cut in cuts if cut in predicates and label(cut) in known]
        if whole and all((label(cut), number) == subject for cut in whole):
            # A thing related to itself. Any other split tears its name apart.
            return whole[0]
        return max(cuts, key=rank, default=0)
