"""Whole registrations on the page, with the desk in a second browser, through real jobs, to the outcome."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser import PHONE, WIDE, Served, fits
from playwright.sync_api import Browser, expect
from registering import NAME, customer, desk

from conversations.model import Role


@pytest.mark.parametrize("size", [PHONE, WIDE], ids=["phone", "wide"])
def test_thailand_from_nothing_to_successful(
    house: Served, browser: Browser, size: tuple[int, int], tmp_path: Path
) -> None:
    with customer(house, browser, "TH", size, tmp_path) as her, desk(house, browser, size, f"Rita {size[0]}") as staff:
        her.begins()
        her.until("submit")
        assert fits(her.page)
        her.presses("submit")
        her.reads_the_letters()
        papers = her.page.locator("#aside .checks")
        expect(papers.locator("li.open")).to_have_count(1)
        signed = her.forgets_to_sign()
        assert fits(her.page)
        her.sends(signed)
        expect(papers.locator("li.done")).to_have_count(1)
        assert fits(her.page)
        her.until("submit")
        her.presses("submit")
        her.is_told("Under review")
        reference = her.reference

        staff.page.reload()
        staff.takes(reference)
        pages = staff.page.locator(".papers details.look")  # nothing to decide: folded
        expect(pages).to_have_count(len(her.photos) + 1)
        expect(pages.locator(".state-accepted")).to_have_count(len(her.photos))
        expect(staff.page.locator(".papers .compare img")).to_have_count(3 * (len(her.photos) + 1))
        expect(staff.page.locator(".papers .crops img")).to_have_count(2 * 2)  # signature and stamp, of both photos
        assert fits(staff.page)
        staff.presses("Pass on to the carrier")
        her.is_told("With the carrier")
        staff.approves()
        her.is_told("Successful", NAME, "works in Thailand")
        assert fits(her.page)


def test_vietnam_is_handed_over_and_decided_by_the_account_manager(
    house: Served, browser: Browser, tmp_path: Path
) -> None:
    with customer(house, browser, "VN", PHONE, tmp_path, brand_origin="international") as her:
        her.begins()
        her.until("submit")
        her.presses("submit")
        her.is_told("With an account manager")
        with desk(house, browser, PHONE, "Minh", Role.ACCOUNT_MANAGER) as manager:
            manager.takes(her.reference, "Handoffs")
            expect(manager.page.get_by_role("button", name="Pass on")).to_have_count(0)
            manager.approves()
        her.is_told("Successful", NAME)


def test_singapore_waits_for_the_registrys_number_and_goes_on_with_it(
    house: Served, browser: Browser, tmp_path: Path
) -> None:
    with customer(house, browser, "SG", WIDE, tmp_path) as her:
        her.begins()
        her.until_asked("ssir_reference")
        her.presses("later")
        her.is_told("You register with the registry")
        her.page.reload()
        her.says("SSIR-2026-01234")
        her.is_told("With an account manager")
        with desk(house, browser, WIDE, "Wei", Role.ACCOUNT_MANAGER) as manager:
            manager.takes(her.reference, "Handoffs")
            expect(manager.page.get_by_text("SSIR-2026-01234")).to_be_visible()
            manager.approves()
        her.is_told("Successful", NAME)


def test_a_local_brand_in_kenya_brings_its_own_papers_beside_the_letter(
    house: Served, browser: Browser, tmp_path: Path
) -> None:
    with customer(house, browser, "KE", PHONE, tmp_path, brand_origin="local") as her:
        her.begins()
        her.until("submit")
        her.presses("submit")
        her.reads_the_letters()
        expect(her.page.locator("#aside .checks li.open")).to_have_count(2)
        her.sends(her.own_paper("Certificate of incorporation"))
        her.presses("company_registration")
        her.sends(*her.photos)
        expect(her.page.locator("#aside .checks li.done")).to_have_count(2)
        her.until("submit")
        her.presses("submit")
        her.is_told("Under review")
        with desk(house, browser, WIDE, "Amina") as staff:
            staff.takes(her.reference)
            staff.approves()
        her.is_told("Successful", NAME)
