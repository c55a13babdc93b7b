"""The words the sample book is drawn from: invented people, companies and answers, no real ones."""

from __future__ import annotations

COMPANY_HEADS = (
    *("Alder", "Bramble", "Cinder", "Dovetail", "Elmstead", "Foxglove", "Gannet", "Hawthorn", "Ironbark", "Juniper"),
    *("Kingsmere", "Lantern", "Merrow", "Nettle", "Oakhurst", "Pebble", "Quarry", "Ravel", "Sorrel", "Thistle"),
    *("Umber", "Verdant", "Willow", "Yarrow", "Zephyr", "Amberley", "Birch", "Coldwater", "Drift", "Ember"),
)

COMPANY_TRADES = {
    "GB": ("Freight", "Foods", "Software", "Energy", "Insurance", "Tools"),
    "US": ("Systems", "Health", "Logistics", "Labs", "Supply", "Analytics"),
    "DE": ("Maschinenbau", "Logistik", "Software", "Pharma", "Messtechnik", "Energie"),
    "AT": ("Holzbau", "Hotels", "Software", "Verpackung"),
    "FR": ("Optique", "Textiles", "Transports", "Conseil"),
    "IT": ("Ceramiche", "Alimentari", "Impianti"),
    "PL": ("Meble", "Transport", "Oprogramowanie"),
}

GIVEN_NAMES = {
    "GB": ("Amelia", "Oscar", "Freya", "Callum", "Imogen", "Rhys", "Beth", "Niamh", "Gareth", "Siobhán", "Ewan"),
    "US": ("Marcus", "Keisha", "Brandon", "Lori", "Diego", "Naomi", "Tyler", "Renée", "Omar", "Whitney", "Mei"),
    "DE": ("Jörg", "Käthe", "Florian", "Sabine", "Ömer", "Heike", "Björn", "Annelie", "Götz", "Wiebke", "Ayşe", "Uwe"),
    "AT": ("Matthäus", "Leopold", "Vroni", "Georg", "Elfriede", "Xaver", "Gerlinde", "Bernd"),
    "FR": ("Hélène", "Loïc", "Agnès", "Théo", "Maëlle", "Benoît", "Inès", "Rémi"),
    "IT": ("Nicolò", "Giulia", "Ettore", "Chiara", "Fabrizio", "Noemi"),
    "PL": ("Zbigniew", "Łucja", "Paweł", "Grażyna", "Wojciech", "Bożena"),
}

FAMILY_NAMES = {
    "GB": ("Ashworth", "Pendry", "Lockwood", "O'Shea", "Trevanion", "Birtwistle", "Macrae", "Holloway", "Sandhu"),
    "US": ("Delgado", "Whitaker", "Okafor", "Castellano", "Yazzie", "Kowalczyk", "Ferris", "Tran"),
    "DE": (
        "Müßig",
        "Öztürk",
        "Schäfer",
        "Vogelsang",
        "Brüggemann",
        "Großkopf",
        "Lüdecke",
        "Petersen",
        "Jansen",
        "Weiß",
    ),
    "AT": ("Hölzl", "Kirchgasser", "Zauner", "Prähauser", "Lechthaler", "Moser"),
    "FR": ("Béranger", "Desrosiers", "Lacaze", "Guérin", "Thévenot", "Aubépin"),
    "IT": ("Bellandi", "Quaranta", "Dall'Orto", "Pellizzari", "Sgarbossa"),
    "PL": ("Dąbek", "Świątek", "Żurawski", "Nowicka", "Ślusarczyk"),
}

TITLES = {
    "GB": ("Head of Sales", "Sales Manager", "VP Operations", "Finance Director", "Marketing Manager"),
    "US": ("Director of Sales", "VP Revenue Operations", "Sales Operations Manager", "CFO"),
    "DE": ("Vertriebsleiter", "Leiterin Vertriebssteuerung", "Geschäftsführer", "CRM Manager", "Einkaufsleiterin"),
    "AT": ("Vertriebsleiterin", "Prokurist", "Leiter Marketing"),
    "FR": ("Sales Director", "CRM Manager", "Head of Marketing"),
    "IT": ("Sales Manager", "Chief Operating Officer", "Marketing Manager"),
    "PL": ("Head of Sales", "Sales Operations Manager", "Managing Director"),
}

NEW_TITLES = ("Sales Manager", "Account Executive", "Head of Sales", "Project Manager", "VP Sales", "Office Manager")

VENDORS = ("Rolodeck", "Pipewright", "Leadferry", "Kontaktwerk", "Dealsmith")

TOPICS = ("crm migration", "sales automation", "lead routing", "email management", "data quality")

QUOTES: dict[str, tuple[str, ...]] = {
    "not_now": (
        "Not this quarter, we are moving offices.",
        "Right idea, wrong month.",
        "Our hands are full with the audit until summer.",
        "I have two open roles to fill before I look at tools.",
        "We only just rolled out a new phone system.",
    ),
    "no_budget": (
        "There is simply no money for this before the new year.",
        "Finance froze everything last week.",
        "I like it, but I could not get it approved.",
        "Nothing left in the pot, sorry.",
    ),
    "not_interested": (
        "Thanks, but this is not for us.",
        "We are fine as we are.",
        "I do not see what it would change for my team.",
    ),
    "already_with_vendor": (
        "We signed with {vendor} last year.",
        "{vendor} does that for us already.",
        "Locked in with {vendor} for a while.",
    ),
    "send_email": ("Put it in an e-mail and I will read it.", "Just send me the deck."),
    "wrong_person": ("That is not my desk.", "Ask someone in operations."),
    "not_relevant": ("We have no outbound team at all.", "All our business comes through resellers."),
    "positive": ("Yes, send me a date.", "Let us talk next week."),
    "hang_up": ("",),
    "out_of_office": ("I am away until Monday week.",),
    "other": ("Who gave you this number?", "Bad line, could not hear a word."),
    "unsubscribe": ("Please take me off this list.",),
    "stop_calling": ("Do not ring this number again.",),
}

GERMAN_QUOTES: dict[str, tuple[str, ...]] = {
    "not_now": ("Gerade nicht, wir stecken mitten im Umbau.", "Nach der Messe vielleicht."),
    "no_budget": ("Das Budget ist für dieses Jahr verteilt.",),
    "not_interested": ("Kein Interesse, danke.",),
    "already_with_vendor": ("Wir haben {vendor}, und das läuft.",),
    "send_email": ("Schicken Sie mir etwas Schriftliches.",),
    "wrong_person": ("Dafür bin ich nicht zuständig.",),
    "not_relevant": ("Passt nicht zu uns.",),
    "unsubscribe": ("Bitte abmelden.",),
}

FRENCH_QUOTES: dict[str, tuple[str, ...]] = {
    "not_now": ("Pas maintenant, on en reparle après l'été.",),
    "no_budget": ("Le budget est bouclé.",),
    "not_interested": ("Non merci, ça ne nous concerne pas.",),
    "already_with_vendor": ("On travaille déjà avec {vendor}.",),
}

QUOTES_BY_COUNTRY = {"DE": GERMAN_QUOTES, "AT": GERMAN_QUOTES, "FR": FRENCH_QUOTES}
"""Where people answer in another language; what it lacks is said in English."""

RESPONSES = {
    "not_now": 25,
    "no_budget": 20,
    "not_interested": 17,
    "already_with_vendor": 14,
    "send_email": 6,
    "wrong_person": 5,
    "not_relevant": 5,
    "positive": 3,
    "hang_up": 2,
    "out_of_office": 1,
    "other": 1,
}
"""How often each answer is drawn, in parts of 100 or so."""

STATUSES = {"prospect": 70, "customer": 12, "partner": 6, "competitor": 3, "": 9}
"""How often each account status is drawn; the empty one is what a CRM leaves blank."""
