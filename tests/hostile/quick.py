"""What every test run tries: what the reference lists by name, and what once went wrong here."""

from __future__ import annotations

_BY_MODULE = {
    "yamls": """
        alias-bomb self-reference python-object merge-key duplicate-key 3000-lists 2000-blocks two-documents bom bom-twice
        tabs on-is-a-key utf-16 latin-1 nul ten-megabytes unknown-keys unknown-keys-in-a-rule empty-rules rules-of-nothing
        flow-of-nothing norway time-of-day octal infinity 26-digits date-that-is-none jinja day-2025-13-45 day-0000-01-01
        connector-path-up connector-path-absolute connector-path-url connector-path-many-globs connector-path-of-301
        connector-expression-doubling connector-expression-doubled-text connector-expression-lists-of-lists
        connector-expression-python connector-pattern-nested connector-pattern-alternatives connector-pattern-many-stars
        connector-pattern-optional connector-pattern-at-the-limit connector-date-format-endless connector-unknown-targets
        connector-declares-3000-kinds connector-declares-9000-words connector-declares-name-of-50000
        responses-unknown titles-repeated assets-repeated assets-url-of-100000 assets-javascript assets-http
    """,
    "crons": """
        timer-random timer-hashed timer-six-fields timer-seven-fields timer-step-from-a-number timer-day-that-never-comes
        timer-day-of-month-and-of-week timer-step-of-nothing timer-backwards timer-arabic-digit timer-minute-of-5000-digits
        timer-3000-ranges timer-reboot timer-weekday-8 timer-leap-day toml-minute-of-5000-digits zone-path
    """,
    "csvs": """
        file-utf-16 file-zip file-xlsx file-gzip file-ten-megabytes-without-newline file-heading-of-1-mb
        file-10000-columns-and-no-contact-id file-duplicate-headings file-heading-right-to-left file-nuls
        row-nul row-invalid-utf-8 row-half-a-character row-cell-of-10-mb row-too-many-cells row-email-of-many-ats
        quote-never-closed carriage-returns 10000-columns 10000-columns-by-preset heading-of-64-kib heading-with-escape
        moment-of-year-0 moment-of-year-9999 moment-with-leap-second moment-of-64-kib response-with-escape
        response-right-to-left channel-of-64-kib owner-of-nowhere owner-of-a-zone-of-64-kib outcome-of-a-key-of-64-kib
        stop-of-64-kib csv-signals-in-utf-16
    """,
    "jsons": """
        nan infinity 10-to-the-400 5000-digits duplicate-keys 5000-deep half-a-character nul megabyte year-1 year-9999
        leap-second source-of-101 system-of-65 invalid-utf-8 no-newline-10-mb future all-of-it-bad
    """,
    "templates": """
        subject-jinja note-jinja subject-dollar subject-attribute subject-globals subject-mro subject-multiplication
        subject-nested
    """,
    "settings": """
        toml-ten-megabytes toml-3000-lists toml-3000-closed-lists toml-dotted-key-of-20000 toml-cooldown-of-400-digits
        toml-cooldown-of-5000-digits toml-cooldown-of-a-million-years toml-caps-of-400-digits toml-zone-path toml-fields-of-1000 toml-fields-name-with-escape toml-fields-word-of-50000
        toml-fields-that-say-stop url-port
        url-option url-nobody-there url-endless-device key-fifo key-endless key-ten-megabytes journal-not-json journal-deep
        journal-line-of-1-mb journal-id-of-400-digits journal-fifo journal-endless journal-stop-not-json
        journal-stop-folder journal-stop-fifo journal-stop-endless database-text database-fifo
    """,
    "files": """
        import-folder import-fifo import-endless import-loop import-path-up import-path-300-characters
        import-path-process import-path-reserved import-path-half-a-character import-path-escape rules-folder rules-fifo
        rules-dangling connectors-fifo signals-fifo signals-endless signals-outside signals-named-by-no-text
        rules-named-like-an-escape out-loop out-dangling init-300-characters named-escape-bad
    """,
    "arguments": """
        opt-out-sql opt-out-half-a-character opt-out-64-kib opt-out-64-kib-of-digits opt-out-html opt-out-percent-format
        merge-half-a-character explain-escape erase-sql split-markup-unclosed at-year-1 at-leap-second at-empty
        words-half-a-character limit-of-400-digits
    """,
}

QUICK = frozenset(f"{module}-{name}" for module, names in _BY_MODULE.items() for name in names.split())
"""The cases by module and name."""
