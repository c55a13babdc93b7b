"""The same book whose writer nobody kills: what must be there, and what may be, after each of its commands."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

from tests.crash.book import LENGTH, Book, Facts, grown, perform


@dataclass(frozen=True)
class Twin:
    """A book that has come to its end, what it held after each number of commands, and the seconds one took."""

    book: Book
    facts: tuple[Facts, ...]
    seconds: float

    @classmethod
    def of(cls, book: Book) -> Twin:
        """Live it."""
        database, facts, seconds = book.open(), [book.facts()], 0.0
        for number in range(LENGTH):
            begun = perf_counter()
            perform(book, database, number)
            seconds += perf_counter() - begun
            facts.append(book.facts())
        database.close()
        return cls(book, tuple(facts), seconds / LENGTH)

    def check(self, other: Book, done: int) -> None:
        """Everything acknowledged is there, at most what the next command does besides, and only whole files."""
        there = grown(other.facts())
        assert grown(self.facts[done]) - there == {}
        assert there - grown(self.facts[min(done + 1, LENGTH)]) == {}
        assert other.handed_over() - self.book.handed_over() == {}

    def check_the_end(self, other: Book, done: int = LENGTH) -> None:
        """Both hold the same after so many commands, and nothing was left behind."""
        assert other.facts() == self.facts[done]
        assert other.handed_over() - self.book.handed_over() == {}
        assert not list(other.folder.glob("exports/.*"))
        assert done < LENGTH or other.handed_over() == self.book.handed_over()
