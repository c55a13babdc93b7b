"""From an export into a CRM and back: nothing doubles, reopens or comes back to life."""

from __future__ import annotations

from reengage.delivery.form import cell
from tests.e2e.book import NOTE, Book
from tests.e2e.crm import Seen

DUE, MOVED = "2026-09-30", "2026-11-17"


def test_every_task_arrives_once_with_its_words(book: Book) -> None:
    assert book.hand_over() == [True]
    for seen in book.seen():
        assert seen is not None
        assert (seen.note, seen.due, seen.is_open) == (cell(NOTE), DUE, True)
        assert seen.subject.startswith("Dana is now VP ")
    assert book.count() == 4


def test_the_same_file_again_makes_no_second_task(book: Book) -> None:
    (file,) = book.export().files
    assert book.crm.take(file)
    before = book.seen()
    book.crm.take(file)
    assert book.seen() == before
    assert book.count() == 4


def work(book: Book) -> list[Seen | None]:
    """A rep moves the first task, completes the second, deletes the third; returns what is seen then."""
    book.crm.move(book.keys[0], MOVED)
    book.crm.complete(book.keys[1])
    book.crm.delete(book.keys[2])
    return book.seen()


def test_the_next_export_leaves_alone_what_a_rep_moved_completed_or_deleted(book: Book) -> None:
    book.hand_over()
    moved, done, gone, left = work(book)
    assert (moved and moved.due, gone) == (MOVED, None)
    assert done is None or not done.is_open
    before = book.count()
    assert book.hand_over() == []
    new = book.add_task(4)
    assert book.hand_over() == [True]
    assert book.seen()[:4] == [moved, done, gone, left]
    assert book.crm.read(new) is not None
    assert book.count() == before + 1


def test_recalls_end_what_is_open_and_bring_nothing_back(book: Book) -> None:
    book.hand_over()
    _, _, _, left = work(book)
    before = book.count()
    for contact in (1, 2, 3):
        book.stop(contact)
    book.hand_over()
    ended, done, gone, same = book.seen()
    assert ended and not ended.is_open
    assert ended.due == MOVED
    assert "an opt-out was recorded on" in ended.note and "Dana" not in ended.note
    assert done is None or not done.is_open
    assert (gone, same) == (None, left)
    assert book.count() == before
    assert book.hand_over() == []


def test_a_file_with_a_row_that_does_not_fit_is_told(book: Book) -> None:
    """So that a server, or its stand-in, is known to say no."""
    (file,) = book.export().files
    spoilt = file.with_name(file.name.replace("tasks-", "tasks-spoilt-"))
    spoilt.write_bytes(file.read_bytes().replace(b"2026-09-30", b"someday", 1))
    assert not book.crm.take(spoilt)
    assert book.crm.read(min(book.keys)) is None
