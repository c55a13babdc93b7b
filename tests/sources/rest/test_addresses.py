"""Where a connection may lead."""

from __future__ import annotations

import pytest

from reengage.sources.rest.addresses import may_reach, origin_of

PUBLIC = ("93.184.216.34", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808")
INSIDE = (
    *("127.0.0.1", "127.9.9.9", "::1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "0.0.0.0", "::", "fc00::1", "fd12::1"),
    *(
        "100.64.0.1",
        "100.100.100.200",
        "192.0.0.9",
        "fec0::1",
        "64:ff9b:1::1",
        "198.18.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
    ),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:0a00:0001::", "2001:0:0:0:0:0:f5ff:fffe"),
)
NEVER_BY_NAME = (
    *("169.254.169.254", "169.254.170.2", "fe80::1", "fe80::1%eth0", "168.63.129.16", "192.0.0.192", "fd00:ec2::254"),
    *("224.0.0.1", "ff02::1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe"),
)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address: str) -> None:
    assert may_reach(address, "api.vendor.example", ())


@pytest.mark.parametrize("address", [*INSIDE, *NEVER_BY_NAME])
def test_addresses_inside_and_metadata(address: str) -> None:
    assert not may_reach(address, "api.vendor.example", ())
    assert not may_reach(address, "api.vendor.example", ("other.example", "1.1.1.1"))


@pytest.mark.parametrize("address", INSIDE)
def test_a_named_host_may_be_inside(address: str) -> None:
    assert may_reach(address, "crm.inside.example", ("crm.inside.example",))


@pytest.mark.parametrize("address", NEVER_BY_NAME)
def test_no_name_leads_to_metadata(address: str) -> None:
    assert not may_reach(address, "crm.inside.example", ("crm.inside.example",))


def test_an_address_may_be_named_itself() -> None:
    assert may_reach("169.254.169.254", "169.254.169.254", ("169.254.169.254",))
    assert may_reach("::ffff:10.0.0.1", "api.vendor.example", ("10.0.0.1",))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_this_machine_is_this_machine(host: str) -> None:
    assert may_reach("127.0.0.1", host, ()) and may_reach("::1", host, ())
    assert not may_reach("10.0.0.1", host, ()) and not may_reach("8.8.8.8", host, ())


def test_an_origin_has_its_port() -> None:
    assert origin_of("https://API.vendor.example/v1?a=b") == ("https", "api.vendor.example", 443)
    assert origin_of("http://[::1]:8080") == ("http", "::1", 8080)
    with pytest.raises(ValueError):
        origin_of("https://api.vendor.example:x")
