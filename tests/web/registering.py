"""A customer who registers a country on the page from what it asks and what `rules show` says; and the desk beside."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
from browser import PATIENCE, Screen, Served, fits, screen
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, expect

from bot.drawing import layout_of
from bot.letters.sample_photo import signed_photo
from conversations.model import Role
from rules.export import shown

SLOWLY = 30_000  # milliseconds: what waits for a child process that draws or reads papers
MOST = 90  # answers of one registration
BAKERY = {
    "company_name": "Fresh Bakery Co., Ltd.", "dba_name": "Fresh Bakery", "country": "Thailand",
    "company_registration_number": "0105561234567", "company_website": "https://www.freshbakery.example",
    "address_line1": "88 Charoen Krung Road", "address_line2": "Floor 3", "city": "Bangkok", "region": "Bangkok",
    "postal_code": "10500", "contact_email": "somchai@freshbakery.example", "contact_phone": "+66 2 123 4567",
    "message_type": "transactional", "use_case_category": "purchase_or_delivery", "monthly_volume": "5000",
    "signatory_name": "Ploy Srisuk", "signatory_title": "Managing Director", "sender_id_link_plain": "yes",
    "transactional_only_ack": "yes", "contact_first_name": "Somchai", "contact_last_name": "Dee",
}  # fmt: skip
NAME = "FRESHBAKERY"
SAMPLE = "Fresh Bakery: your order 1234 is ready. Collect it until 18:00 today."


class Customer:
    """One browser in which a country is registered."""

    def __init__(self, house: Served, at: Screen, country: str, folder: Path, **answers: str) -> None:
        book = house.house.app.book
        self.pack: Mapping[str, Any] = shown(book.pack(country))
        self.fields = {field["question"]: field for field in self.pack["fields"]}
        self.answers, self.folder = BAKERY | answers, folder
        self.at, self.page, self.log = at, at.page, at.log
        self.photos: list[Path] = []  # of letters, still to be sent
        self.unsigned: dict[Path, Path] = {}  # by the photo of a page that is to be signed: one of it without

    @property
    def reference(self) -> str:
        return self.page.locator("#head .reference").inner_text()

    def begins(self) -> None:
        """From the greeting to the first question."""
        self.at.go()
        self.says(self.pack["name"])
        self.presses("start")

    def until(self, value: str) -> None:
        """Answer question after question, until there is a button of that value to press."""
        for _ in range(MOST):
            if value in self.choices():
                return
            self.answers_one()
        raise AssertionError(f"{self.pack['country']}: no {value} after {MOST} answers, but {self.question()}")

    def until_asked(self, field: str) -> None:
        """The same, until that field is asked."""
        question = next(words for words, one in self.fields.items() if one["name"] == field)
        for _ in range(MOST):
            if self.question().startswith(question):
                return
            self.answers_one()
        raise AssertionError(f"{field} was not asked")

    # --- one question at a time ------------------------------------------------------------------------------------

    def question(self) -> str:
        """The words of the present question."""
        return self.log.locator("[data-question] .text").last.inner_text()

    def choices(self) -> list[str]:
        return [one.get_attribute("value") or "" for one in self.at.present_choices.all()]

    def answers_one(self) -> None:
        """Answer what is asked: with a button where there is one for it, else in words."""
        asked, choices = self.question(), self.choices()
        field = next((field for words, field in self.fields.items() if asked.startswith(words)), None)
        if field:
            said = self._answer(field)
            return self.presses(said) if said in choices else self.says(said)
        if "Which sender ID" in asked:
            return self.presses(NAME) if NAME in choices else self.says(NAME)
        if f"from {NAME}" in asked:
            return self.says(SAMPLE)
        pressed = next((value for value in ("done", "submit", "later") if value in choices), None)
        if pressed is None:
            raise AssertionError(f"no answer to: {asked}")
        self.presses(pressed)

    def _answer(self, field: Mapping[str, Any]) -> str:
        name, limits = field["name"], field["limits"]
        if name in self.answers:
            return self.answers[name]
        offered = [stop["offer"] for stop in field["stops_when"] if stop["offer"] is not None]
        if offered:
            return {True: "yes", False: "no"}.get(offered[0], str(offered[0]))
        if limits["choices"]:
            return str(limits["choices"][0])
        return "no" if field["type"] == "boolean" else str(field["example"])

    def questions(self) -> int:
        return self.log.locator("[data-question]").count()

    def asked(self, before: int, patience: int = PATIENCE) -> None:
        """Wait until more questions than these were put."""
        expect(self.log.locator("[data-question]").nth(before)).to_be_visible(timeout=patience)

    def says(self, text: str) -> None:
        before = self.questions()
        self.page.get_by_label("Message").fill(text)
        self.page.get_by_role("button", name="Send", exact=True).click()
        self.asked(before)

    def presses(self, value: str, patience: int = PATIENCE) -> None:
        before = self.questions()
        self.at.present_choices.and_(self.page.locator(f'[value="{value}"]')).click()
        self.asked(before, patience)

    # --- papers ----------------------------------------------------------------------------------------------------

    def reads_the_letters(self) -> None:
        """Wait for the letters to be drawn, look at one enlarged, and agree."""
        expect(self.at.present_choices.and_(self.page.locator('[value="yes"]'))).to_be_visible(timeout=SLOWLY)
        picture = self.log.locator("a[data-view]").last
        expect(picture.locator("img")).to_have_js_property("complete", True)
        picture.click()
        expect(self.page.get_by_role("dialog", name="Picture")).to_be_visible()
        assert fits(self.page)
        self.page.keyboard.press("Escape")
        self.photos = self.signs()
        self.presses("yes")

    def signs(self) -> list[Path]:
        """Photos of the letters in the chat, each page signed and stamped."""
        found: list[Path] = []
        with httpx2.Client(base_url=self.at.url, cookies=self._cookies()) as client:
            for link in self.log.locator(".theirs a.paper").all():
                pdf = self.folder / (link.get_attribute("download") or "")
                pdf.write_bytes(client.get(link.get_attribute("href") or "").content)
                for layout in layout_of(pdf):
                    photo = pdf.with_name(f"{pdf.stem}-{layout.page}.jpg")
                    photo.write_bytes(signed_photo(pdf.read_bytes(), layout.page, layout, seed=len(found)))
                    if layout.signature_box:
                        self.unsigned[photo] = photo.with_name(f"{photo.stem}-unsigned.jpg")
                        self.unsigned[photo].write_bytes(
                            signed_photo(pdf.read_bytes(), layout.page, layout, seed=len(found), signed=False)
                        )
                    found.append(photo)
        return found

    def _cookies(self) -> dict[str, str]:
        return {one.get("name", ""): one.get("value", "") for one in self.page.context.cookies()}

    def sends(self, *files: Path) -> None:
        """Attach the files; back when the answer to them asks on."""
        before = self.questions()
        self.page.get_by_label("Attach").set_input_files(list(files))
        self.page.get_by_role("button", name="Send", exact=True).click()
        self.asked(before, SLOWLY)

    def forgets_to_sign(self) -> Path:
        """Send the letters with one page unsigned, which comes back marked. The signed page, still to be sent."""
        signed, unsigned = next(iter(self.unsigned.items()))
        before = self.questions()
        self.page.get_by_label("Attach", exact=True).set_input_files(
            [unsigned if photo == signed else photo for photo in self.photos]
        )
        self.page.get_by_role("button", name="Send", exact=True).click()
        looking = self.page.get_by_text("Checking what you sent")
        expect(looking).to_be_visible()
        self.asked(before, SLOWLY)
        expect(looking).to_be_hidden()
        expect(self.log.locator(".theirs .text", has_text="I see no signature")).to_have_count(1)
        marked = self.log.get_by_role("img", name="Your photo")
        marked.scroll_into_view_if_needed()
        expect(marked).to_have_js_property("complete", True)
        assert marked.evaluate("picture => picture.naturalWidth") > 500
        expect(self.at.present_choices.and_(self.page.locator('[value="send anyway"]')).last).to_be_visible()
        return signed

    def own_paper(self, title: str) -> Path:
        """A document of the company's own, as a photo."""
        sheet = Image.new("RGB", (1000, 1414), "white")
        ImageDraw.Draw(sheet).text((90, 110), f"{title}\n\n{BAKERY['company_name']}", "black", font_size=36)
        file = io.BytesIO()
        sheet.save(file, "JPEG")
        path = self.folder / f"{title}.jpg"
        path.write_bytes(file.getvalue())
        return path

    # --- what comes of it ------------------------------------------------------------------------------------------

    def is_told(self, status: str, *words: str) -> None:
        """The page shows that state and these words by itself."""
        expect(self.page.locator("#head")).to_contain_text(status, timeout=PATIENCE)
        for word in words:
            expect(self.log.locator(".theirs .text").last).to_contain_text(word)


@contextmanager
def customer(
    house: Served, browser: Browser, country: str, size: tuple[int, int], folder: Path, **answers: str
) -> Iterator[Customer]:
    with screen(browser, house.url, size) as at:
        yield Customer(house, at, country, folder, **answers)


@contextmanager
def desk(
    house: Served, browser: Browser, size: tuple[int, int], name: str, role: Role = Role.REVIEWER
) -> Iterator[Desk]:
    """A staff member who was just let in."""
    with screen(browser, house.url, size) as at:
        at.go("/desk")
        at.page.get_by_label("Your name").fill(name)
        at.page.get_by_label("Invitation").fill(house.invitation(role))
        at.page.get_by_role("button", name="Enter").click()
        expect(at.page.get_by_role("link", name="To review")).to_be_visible()
        yield Desk(at)


class Desk:
    """One staff member's browser."""

    def __init__(self, at: Screen) -> None:
        self.at, self.page = at, at.page

    def takes(self, reference: str, view: str = "To review") -> None:
        """From the queue into the registration, and it is theirs."""
        self.page.get_by_role("link", name=view).click()
        self.page.get_by_role("link", name=reference).click()
        self.page.get_by_role("button", name="Take").click()
        expect(self.page.get_by_role("heading", name="Answers", exact=True)).to_be_visible()

    def approves(self) -> None:
        """All sender IDs that are open, after the question whether it is meant."""
        self.page.locator("summary", has_text="Approve").click()
        self.presses("Yes, approve")
        expect(self.page.locator(".marks")).to_contain_text("Successful")

    def presses(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()
