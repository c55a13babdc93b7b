"""LinkedIn profiles as browsers, apps, exports and people write them."""

from __future__ import annotations

import pytest

from reengage.people.identifiers import canonical_linkedin

SAME = """
https://www.linkedin.com/in/dana-reyes-example
http://www.linkedin.com/in/dana-reyes-example/
https://linkedin.com/in/dana-reyes-example
www.linkedin.com/in/dana-reyes-example
linkedin.com/in/dana-reyes-example
//www.linkedin.com:443/in/dana-reyes-example
HTTPS://WWW.LINKEDIN.COM/IN/DANA-REYES-EXAMPLE
https://www.linkedin.com./in/dana-reyes-example
https:/www.linkedin.com/in/dana-reyes-example
https://www.linkedin.com//in//dana-reyes-example//
uk.linkedin.com/in/dana-reyes-example
https://de.linkedin.com/in/dana-reyes-example/de
https://www.fr.linkedin.com/in/dana-reyes-example
https://m.linkedin.com/in/dana-reyes-example
https://touch.www.linkedin.com/in/dana-reyes-example
https://www.linkedin.com/mwlite/in/dana-reyes-example#top
https://www.linkedin.com/mwlite/profile/in/dana-reyes-example
https://www.linkedin.com/m/in/dana-reyes-example
https://www.linkedin.com/comm/in/dana-reyes-example?midToken=AQ&trk=eml
https://www.linkedin.com/in/dana-reyes-example/en
https://www.linkedin.com/in/dana-reyes-example/en-us/
https://www.linkedin.com/in/dana-reyes-example/?locale=pt_BR
https://www.linkedin.com/in/dana-reyes-example?originalSubdomain=uk
https://www.linkedin.com/in/dana-reyes-example?trk=public&x=/in/someone-else
https://www.linkedin.com/in/dana-reyes-example&trk=public
https://www.linkedin.com/in/dana-reyes-example/details/experience/
https://www.linkedin.com/in/dana-reyes-example/overlay/contact-info/
https://www.linkedin.com/in/dana-reyes-example/recent-activity/all/
https://www.linkedin.com/in/dana%2Dreyes%2dexample
https%3A%2F%2Fwww.linkedin.com%2Fin%2Fdana-reyes-example
<https://www.linkedin.com/in/dana-reyes-example>
(https://www.linkedin.com/in/dana-reyes-example)
"https://www.linkedin.com/in/dana-reyes-example"
https://www.linkedin.com/in/dana-reyes-example,
https://www.linkedin.com/in/dana-reyes-example.
https://www.linkedin.com/in/dana-reyes-example (Dana Reyes)
"""

OTHER_ALPHABETS = {
    "jürgen-größmann": (
        "https://www.linkedin.com/in/jürgen-größmann",
        "https://www.linkedin.com/in/JÜRGEN-GRÖßMANN/",
        "https://www.linkedin.com/in/ju\u0308rgen-gro\u0308ßmann",
        "https://de.linkedin.com/in/j%C3%BCrgen-gr%C3%B6%C3%9Fmann?locale=de",
        "https://www.linkedin.com/in/j%c3%bcrgen-gr%c3%b6%c3%9fmann",
        "https://www.linkedin.com/in/ju%CC%88rgen-gro%CC%88%C3%9Fmann",
    ),
    "дана-пример": (
        "linkedin.com/in/Дана-Пример",
        "linkedin.com/in/%D0%B4%D0%B0%D0%BD%D0%B0-%D0%BF%D1%80%D0%B8%D0%BC%D0%B5%D1%80",
    ),
    "例え-7b3": ("linkedin.com/in/例え-7b3", "linkedin.com/in/%E4%BE%8B%E3%81%88-7B3/"),
}

OLD_FORM = {
    "https://www.linkedin.com/pub/dana-reyes/a7/576/b50": "linkedin.com/in/dana-reyes-b50576a7",
    "http://uk.linkedin.com/pub/Dana-Reyes/A7/576/B50?trk=biz": "linkedin.com/in/dana-reyes-b50576a7",
    "https://www.linkedin.com/pub/dana-reyes/9/16b/46/en": "linkedin.com/in/dana-reyes-04616b9",
    "linkedin.com/pub/jos%C3%A9-reyes/1/2/3/": "linkedin.com/in/josé-reyes-0030021",
}

SALES_LEAD = """
https://www.linkedin.com/sales/lead/ACwAbC_-1,NAME_SEARCH,q7?x=1
https://www.linkedin.com/sales/lead/ACwAbC_-1
https://www.linkedin.com/sales/people/ACwAbC_-1,NAME_SEARCH,q7
linkedin.com/sales/people/ACwAbC_-1/
"""

DIFFERENT = """
https://www.linkedin.com/in/dana-reyes
https://www.linkedin.com/in/dana-reyes-examp1e
https://www.linkedin.com/in/dana_reyes_example
https://www.linkedin.com/in/danareyesexample
https://www.linkedin.com/in/d\u0430na-reyes-example
https://www.linkedin.com/in/dana-reyes-example-1b2
"""

NOBODY = """
dana-reyes-example
https://www.linkedin.com/company/acme
https://www.linkedin.com/school/acme
https://www.linkedin.com/in/
https://www.linkedin.com/pub/dir/Dana/Reyes
https://www.linkedin.com/feed/
https://www.linkedin.com/in/dana%20reyes
https://www.linkedin.com/in/dana%252Dreyes
https://linkedin.com.evil.example/in/dana
https://evil-linkedin.com/in/dana
https://evil.example/linkedin.com/in/dana
https://evil.example/?u=linkedin.com/in/dana
linkedin.com/in/dana-reyes-example, linkedin.com/in/eve-gold-example
https://www.linkedin.com/in/dana-reyes-example?x=1 https://www.linkedin.com/in/eve-gold-example
"""


def lines(table: str) -> list[str]:
    return table.strip().splitlines()


@pytest.mark.parametrize("link", lines(SAME))
def test_every_form_of_a_link_is_one_profile(link: str) -> None:
    assert canonical_linkedin(link) == ("linkedin", "linkedin.com/in/dana-reyes-example")
    assert canonical_linkedin(f"\ufeff {link}\u200b\n") == ("linkedin", "linkedin.com/in/dana-reyes-example")


@pytest.mark.parametrize(("slug", "links"), OTHER_ALPHABETS.items())
def test_names_in_other_alphabets_encoded_or_not(slug: str, links: tuple[str, ...]) -> None:
    assert {canonical_linkedin(link) for link in links} == {("linkedin", f"linkedin.com/in/{slug}")}


@pytest.mark.parametrize(("link", "today"), OLD_FORM.items())
def test_the_link_of_old_is_the_profile_of_today(link: str, today: str) -> None:
    assert canonical_linkedin(link) == ("linkedin", today) == canonical_linkedin(today)


@pytest.mark.parametrize("link", lines(SALES_LEAD))
def test_a_sales_lead_is_another_kind_and_keeps_its_case(link: str) -> None:
    assert canonical_linkedin(link) == ("linkedin_sales", "linkedin.com/sales/lead/ACwAbC_-1")


def test_two_sales_leads_may_differ_in_case_alone() -> None:
    assert canonical_linkedin("linkedin.com/sales/lead/ACwAB") != canonical_linkedin("linkedin.com/sales/lead/ACwAb")


@pytest.mark.parametrize("link", lines(DIFFERENT))
def test_a_look_alike_is_another_profile(link: str) -> None:
    found = canonical_linkedin(link)
    assert found is not None and found[1] != "linkedin.com/in/dana-reyes-example"


@pytest.mark.parametrize("link", ["", *lines(NOBODY)])
def test_what_is_no_link_to_one_person(link: str) -> None:
    assert canonical_linkedin(link) is None
