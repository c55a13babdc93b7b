"""What mail programs and mail servers write around the words of a person, in the languages that we know."""

from __future__ import annotations

import re
from typing import Final

_ANY_CASE = re.IGNORECASE

WROTE: Final = re.compile(
    r"\b(?:wrote|writes|schrieb|schreibt|geschrieben|a écrit|escribió|ha scritto|schreef|geschreven|skrev|kirjoitti"
    r"|napisała?|napisał\(a\)|napsal|napsal\(a\)|escreveu|írta|написала?|a scris|έγραψε)(?!\w)"
    r"|yazdı|写道|のメッセージ|작성",
    _ANY_CASE,
)
"""The verb of the line that stands above a quote."""

BEGINS: Final = re.compile(
    r"\s{0,3}(?:(?:on|am|le|el|il|op|den|em|no dia|w dniu|dnia|dne|dana|в|на|la|pe|στις)\b"
    r"|[^<>]{0,80}<[^<>@\s]{1,64}@)",
    _ANY_CASE,
)
"""How that line begins: with the word for the day, or with a sender's name and address."""

DATED: Final = re.compile(
    r"\d{1,4}[./-]\s?\d{1,2}[./-]\s?\d{2,4}|\d{1,2}\.?\s(?:de\s)?[^\W\d]{3,12}\.?,?\s(?:de\s)?\d{4}"
    r"|[^\W\d]{3,12}\.?\s\d{1,2},?\s\d{4}|\d{4}\s?[年년]"
)
"""A day in that line."""

BEGINS_DATED: Final = re.compile(rf"\s{{0,3}}(?:{DATED.pattern})")
"""The same line where it begins with the day."""

STAMPED: Final = re.compile(
    r"\d{1,2}\s?[:h時시]\s?\d{2}|\d{1,2}\.\d{2}\sUhr|<[^<>@\s]{1,64}@[^<>\s]{1,255}>|\[mailto:|\S@\S"
)
"""A time of day or an address in that line: a machine wrote it."""

_LABELS = {
    "from": "from|von|de|da|van|från|fra|od|от|lähettäjä|kimden|gönderen|feladó|expéditeur|remitente|mittente"
    "|发件人|差出人|寄件者",
    "sent": "sent|date|gesendet|datum|envoyé|enviado|enviado el|fecha|inviato|data|verzonden|skickat|sendt|dato"
    "|wysłano"
    "|odesláno|дата|отправлено|lähetetty|gönderilme|tarih|küldve|发送时间|日期|送信日時",
    "to": "to|an|à|para|a|aan|till|til|do|komu|кому|vastaanottaja|kime|címzett|destinataire|destinatario|收件人|宛先",
    "subject": "subject|betreff|betrifft|objet|asunto|oggetto|onderwerp|ämne|emne|temat|předmět|тема|assunto"
    "|aihe|konu"
    "|tárgy|sujet|主题|件名",
}
LABELS: Final = {
    name: re.compile(rf"\s{{0,3}}[*_]{{0,2}}(?:{words})[*_]{{0,2}}\s{{0,2}}[:：]", _ANY_CASE)
    for name, words in _LABELS.items()
}
"""The labels of an earlier message's header."""

SEPARATOR: Final = re.compile(
    r"\s{0,3}[-_=*]{2,80}\s{0,5}(?:original|originalnachricht|ursprüngliche|urspr\.|weitergeleitete|forwarded"
    r"|message d'origine"
    r"|message transféré|message original|mensaje original|mensaje reenviado|messaggio originale|messaggio inoltrato"
    r"|oorspronkelijk|doorgestuurd|ursprungligt|vidarebefordrat|oprindelig|videresendt|oryginalna|wiadomość"
    r"|původní|mensagem original|исходное|пересылаемое|reply message|this is a copy of|below this line is a copy"
    r"|undelivered message|returned message).{0,80}"
    r"|(?:begin forwarded message|anfang der weitergeleiteten (?:nachricht|e-mail)|début du (?:message"
    r"|courriel) (?:réexpédié"
    r"|transféré)|inicio del mensaje reenviado|inizio messaggio inoltrato)\s?:\s{0,5}",
    _ANY_CASE,
)
"""A line that a program puts above an earlier message."""

POINTS_BELOW: Final = re.compile(
    r"\b(?:see|find|check|answer\w{0,3}|repl(?:y|ies|ied)|comments?|commented|notes?"
    r"|respon[ds]\w{0,4})\b[^\n.!?]{0,40}"
    r"\b(?:below|inline|in-line|in line|in red|in blue|in green|in bold|in caps)\b"
    r"|\b(?:siehe|s\.|antwort\w{0,3}|geantwortet|kommentar\w{0,2}|anmerkung\w{0,2})\b[^\n.!?]{0,40}"
    r"\b(?:unten|weiter unten|darunter|im text|inline|in rot|in blau|in grün)\b"
    r"|^\W{0,3}(?:below|inline|unten)\W{0,3}$",
    _ANY_CASE | re.MULTILINE,
)
"""Words that say that an answer stands within the earlier message."""

_DEVICE = (
    r"my|a|the|mein\w{0,2}|mon|ma|mi|mio|il|min|mitt|mijn|moje?\w{0,2}|for|from|on|via|using|und|and|der|dem"
    r"|aus|app|apps"
    r"|mail|e-?mail|email|outlook|ios|android|iphone|ipad|samsung|galaxy|huawei|pixel|google|gmail|yahoo"
    r"|windows|phone"
    r"|mobile|mobil\w{0,3}|smartphone|handy|tablet|device|gerät|blackberry|proton|protonmail|gmx|web\.de|t-online|aol"
    r"|aquamail|bluemail|spark|telekom|motorola|xiaomi|oneplus|nokia|sony|xperia|zoom|\d{1,4}|s\d{1,2}|5g|4g"
    r"|lte|verizon"
    r"|wireless|at&t|t-mobile|mac|macbook|handheld|freundlichen|smart"
)
DEVICE_LINE: Final = re.compile(
    r"(?:sent (?:from|via|with|using)|get|gesendet (?:von|mit|via)|von|envoyé (?:de|depuis|à partir de)"
    r"|enviado (?:desde|do)"
    r"|inviato da(?:l)?|verzonden (?:vanaf|met|vanuit)|sendt fra|skickat från|lähetetty|wysłane z|odesláno z)"
    rf"(?:\s(?:{_DEVICE})(?=[\s<.,!]|$))++(?:\s?<[^<>\s]{{0,200}}>)?(?:\sgesendet)?\W{{0,3}}",
    _ANY_CASE,
)
"""A line that a telephone adds: no word in it can be the sender's own."""

DISCLAIMER_STARTS: Final = re.compile(
    r"[\s*_\-#>|]{0,12}(?:this (?:e-?mail|message|communication|transmission)|the (?:information"
    r"|contents?)[^.]{0,40} (?:in|of) this"
    r"|any (?:unauthori|views)|if you (?:are not (?:the|an?) |(?:have )?received this)|confidential"
    r"|confidentiality|disclaimer|legal notice|privileged"
    r"|important notice|notice:|diese (?:e-?mail|nachricht|mitteilung)|der inhalt|die (?:in dieser|information)"
    r"|dieses (?:e-?mail|schreiben|dokument)"
    r"|vertraulich|haftungsausschluss|sollten sie|wenn sie nicht|falls sie|hinweis|wichtiger hinweis"
    r"|ce (?:message|courriel)"
    r"|cet? e-?mail|este (?:mensaje|correo)|questo messaggio|questa e-?mail|dit bericht|deze e-?mail)",
    _ANY_CASE,
)
DISCLAIMERS: Final = tuple(
    re.compile(pattern, _ANY_CASE)
    for pattern in (
        r"confidential|privileged|vertraulich|confidentiel|rechtlich geschützt|confidencial|riservat|vertrouwelijk",
        r"intended (?:only |solely )?(?:recipient|for|addressee)|addressee|addressed|bestimmt|adressat"
        r"|richtige[rn]? empfänger"
        r"|destinataire|destinatario|geadresseerde|named recipient",
        r"in error|irrtümlich|versehentlich|par erreur|por error|per errore|abusively|notify (?:us|the sender|me)"
        r"|(?:inform|benachrichtig|informier)\w{0,5} (?:us|the sender|sie|bitte|uns|den absender)",
        r"disclos|distribut|dissemin|copying|\bcopy\b|unauthori[sz]ed|unerlaubt|weitergabe|kopieren|unbefugt"
        r"|diffusion|divulg",
        r"viruses|malware|liab(?:le|ility)|haftung|\bviren\b|responsabilité",
    )
)
"""What a legal notice is about; one that speaks of two of these is one."""

SPEAKS_OF_SELF: Final = re.compile(
    r"\b(?:me|my|i|mich|mir|meine?\w{0,2}|ich|moi|mes|stop|unsubscribe|abmelden|austragen)\b", _ANY_CASE
)
"""What no legal notice says, and whoever wants to be left alone does."""

OUTSIDE_BANNER: Final = re.compile(
    r"[\s*_\-#>|\[]{0,12}(?:external|caution|warning|achtung|vorsicht|extern)\b[^\n]{0,40}"
    r"\b(?:e-?mail|message|sender|nachricht|absender|mail)\b[^\n]{0,60}"
    r"\b(?:outside|external|extern\w{0,3}|außerhalb|originated|organi[sz]ation)\b[^\n]{0,200}",
    _ANY_CASE,
)
"""The line with which a mail server warns of a message from outside."""
