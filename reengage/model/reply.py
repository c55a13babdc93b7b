"""What somebody answered, as it was handed in: by a rep, in a file, or as the message itself."""

from __future__ import annotations

from reengage.model.base import Moment, Noun
from reengage.model.reading import Clues
from reengage.model.words import Channel, Response


class Reply(Noun):
    """One answer. `who` names the person (a contact_id, an e-mail address, a phone number, a profile), as it was given;
    `others` are further names of the same person.

    `words` is what they wrote or said themselves, without anything quoted. `said` is what a person, or the header of
    the message, states that it is. `clues` are what a person states besides; those in the words are only offered.
    `id` is the sender's own name for the message, `raw` the message as it came. `remarks` say what was left out.
    """

    who: str
    others: tuple[str, ...] = ()
    at: Moment
    words: str = ""
    id: str | None = None
    channel: Channel | None = None
    rep: str | None = None
    said: Response | None = None
    subject: str | None = None
    topic: str | None = None
    title: str | None = None
    campaign: str | None = None
    script_variant: str | None = None
    notes: str | None = None
    recording_url: str | None = None
    clues: Clues = Clues()
    raw: bytes | None = None
    where: str = ""
    remarks: tuple[str, ...] = ()
