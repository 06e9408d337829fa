"""Names that lean on a brand impostors use are found, names that only sound like one are let be; both are counted."""

from __future__ import annotations

import pytest

from conversations.judgement.judging import doubts, owns
from conversations.judgement.lookalikes import How, likeness
from rules.book import Book

# Characters that look the same, letters doubled or left out, other case, separators, and words put beside the brand.
LOOKALIKES = """
PAYPAL PayPa1 PAYPAI PayPall Pay-Pal P4YPAL Paypl Paypla PayPalSafe PAYPALINFO SafePayPal PayPa1-Info PAYPAL24
DHL DH1 DHI D.H.L DHL-Info DHLINFO InfoDHL DHLPaket DHL-Express DHL24
Amazon Arnazon AMAZ0N Amazonn Amazom Amzaon AmazonPrime AMAZONPAY Amazon-Gift Arnazon-Info
Micros0ft rnicrosoft MicrosoftTeam Mlcrosoft G00GLE Googgle Gogle GoogleCode
Facebok Faceb00k FacebookOTP lnstagram Instagrarn Vvhatsapp WhatsAp WhatsApp-OTP
NetfIix Netfl1x Nettflix NETFLIX-BILL Spotfy Sp0tify AD0BE Adobee Linkedln LinkdIn R0BL0X
FEDEX FedExx F3dEx UP5 UPS-Track USP5 USPSinfo R0yalMail RoyalMai1 Royal_Mail Corre0s CORREOSINFO DPDdelivery
HSBC H5BC HSBCSafe 8BVA BBVAinfo INGBank lNG 0CBC OCBCalert P0stbank Sparkase SPARKASSE24 Comrnerzbank DBSalert
APPLEID App1e AppleSupport Mastercrad Binnance C0inbase CoinbaseHelp
HMRCrefund HMRC-TAX DVLA-TAX Medicaree MyG0v MYGOVINFO EZPASS E-ZPass M-PE5A MPESA Vodaphone VODAF0NE Telstraa
DubaiPo1ice
"""

# Words, names and places that have a brand, or most of one, in them.
INNOCENT = """
FRESHBAKERY FreshBakery ACME Zorro HelloWorld SunCity BlueLine
PINEAPPLE Snapple GRAPPLE APPLETREE Appleby APPLESEED
AMAZONAS Amazonia METAMORPH METABOLIC Metalworks METRO
BACKUPS STARTUPS PUSH-UPS UPSTAIRS GROUPS CUPS
FINANCE FINANCES REFINANCE SWITCH TENDER
PURCHASE CHASER CHASING Paychex TARGET TELEVISA VISAGE
ORANGERIE OrangeJuice BLOOD-ORANGE SQUARES SQUAREONE TOWNSQUARE
GOGGLE GOGGLES GOOGOL GIGGLE MICROLAB MICROSOL NETFIT NETFLEET ADOBO
SINGERS SPRINGS LINGERIE BOXING BOOKINGS INGRID INGOT RISING DARING
COINBOX BINARY MASTERCLASS FEDERAL FEDER DHALIA DELHI
HORIZON NORTHERN POSTCARD POSTBOX SPARK POTATO ATOMIC IRISH CIRIS
Hawaii ROYALMEAL FASTRACK FastTrack OUTLOOKS MEDIACARE CORREO
TUNISAIR LinkTree Optimus Optic Yodeling Twist Never Mover PayDay PAYWISE Coleslaw
Medicar PAYPAD REVERIZON Naverra
"""
# One letter away from a brand: nobody can tell by the letters that no impostor chose these.
FALSE_ALARMS = {"Medicar": "Medicare", "PAYPAD": "PayPal"}


def test_every_lookalike_is_found_and_hardly_an_innocent_name(book: Book, capsys: pytest.CaptureFixture[str]) -> None:
    watched = book.watchlist
    found = {name: likeness(name, watched.brands, watched.companions) for name in LOOKALIKES.split()}
    alarms = {
        name: like.brand.name
        for name in INNOCENT.split()
        if (like := likeness(name, watched.brands, watched.companions))
    }
    missed = [name for name, like in found.items() if like is None]
    right, innocent = len(found) - len(missed), len(INNOCENT.split())
    recall, precision = right / len(found), right / (right + len(alarms))
    with capsys.disabled():
        print(f"\n{len(found)} look-alikes: recall {recall:.3f}; {innocent} innocent names: precision {precision:.3f}")
    assert len(found) >= 75 and innocent >= 75
    assert not missed
    assert alarms == FALSE_ALARMS


@pytest.mark.parametrize(
    ("name", "brand", "how"),
    [
        ("Pay-Pal", "PayPal", How.SAME),
        ("PAYPA1", "PayPal", How.LOOKS),
        ("Arnazon", "Amazon", How.LOOKS),
        ("Vvhatsapp", "WhatsApp", How.LOOKS),
        ("DHL-Info", "DHL", How.LEANS),
        ("MYDHL24", "DHL", How.LEANS),
        ("Spotfy", "Spotify", How.NEAR),
        ("PosteInfo", "Poste Italiane", How.SAME),
        ("CreditAgricole", "Crédit Agricole", How.SAME),
    ],
)
def test_it_is_said_in_which_way_a_name_is_like_a_brand(book: Book, name: str, brand: str, how: How) -> None:
    like = likeness(name, book.watchlist.brands, book.watchlist.companions)
    assert like is not None and (like.brand.name, like.how) == (brand, how)


@pytest.mark.parametrize(
    "answers",
    [
        {"company_name": "DHL International GmbH"},
        {"company_name": "Example Logistics Ltd", "dba_name": "DHL"},
        {"company_name": "Deutsche Post AG", "company_website": "https://www.dhl.com/de"},
        {"company_name": "Agency Ltd", "end_brand_name": "DHL Express"},
    ],
)
def test_whoever_is_the_brand_is_not_warned_of_it(book: Book, answers: dict[str, str]) -> None:
    for name in ("DHL", "DHL-Info", "DHL24"):
        assert doubts(name, book.pack("GB"), answers, book.watchlist) == ()


def test_a_word_of_the_brand_somewhere_in_the_company_does_not_make_it_theirs(book: Book) -> None:
    brands = {brand.name: brand for brand in book.watchlist.brands}
    assert not owns(brands["Amazon"], {"company_name": "Rio Amazon Tours"}, book.watchlist)
    assert not owns(brands["PayPal"], {"company_website": "https://paypal-safe.example"}, book.watchlist)
    assert owns(brands["Apple"], {"company_name": "Apple Farm Ltd"}, book.watchlist)
