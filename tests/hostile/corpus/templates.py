"""Texts of rules that want to be programs."""

from __future__ import annotations

from tests.hostile.case import REFUSED, Case

_SUBJECTS = {
    "jinja": "{{7*7}}",
    "dollar": "${7*7}",
    "attribute": "{contact.__class__}",
    "globals": "{0.__init__.__globals__}",
    "item": "{contact[first_name]}",
    "conversion": "{contact.first_name!r}",
    "format": "{contact.first_name:>1000000000}",
    "chain": "{contact.first_name.upper}",
    "mro": "{{''.__class__.__mro__}}",
    "multiplication": "{{'a'*10**9}}",
    "lipsum": "{{lipsum(n=200000)}}",
    "block": "{% for x in range(10**9) %}x{% endfor %}",
    "nothing": "{}",
    "number": "{0}",
    "blank": "{ contact.first_name }",
    "capitals": "{Contact.First_Name}",
    "unknown": "{contact.email}",
    "secret": "{settings.database}",
    "unopened": "contact.first_name}",
    "unclosed": "{contact.first_name",
    "nested": "{contact.{contact.first_name}}",
    "2000-braces": "{" * 400,
    "full-width": "{cont\u0430ct.first_name}",
    "zero-width": "{contact.first\u200b_name}",
    "fact-of-another-signal": "{signal.amount}",
}

_RULE = """\
rules:
  - id: spring
    who: {{said: not_now}}
    when: {{intent: {{within: 14 days}}}}
    then:
      create_task:
        {key}: {text}
"""


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


CASES = [
    Case(
        f"{key}-{name}",
        ("check",),
        {
            "rules/spring.yaml": _RULE.format(key=key, text=_quoted(text))
            + ("" if key == "subject" else "        subject: News\n")
        },
        ("rules/spring.yaml:7",),
        REFUSED,
    )
    for name, text in _SUBJECTS.items()
    for key in (("subject", "note") if name in ("jinja", "globals", "multiplication") else ("subject",))
]
