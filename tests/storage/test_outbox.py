"""What every store promises of the messages that leave."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from turns_to_take import NOW, desk, doing, registration_of, sends, take, typed

from conversations.model import Case, Erase, Event, Kind, Remind, Say, Turn
from storage.store import Entry, Outgoing, Store

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def says(store: Store, *says: Say, chat: str = "web:anna") -> None:
    take(store, typed("x", chat), by=doing(*says))


def keys(claimed: list[Outgoing]) -> list[str]:
    return [outgoing.say.key for outgoing in claimed]


def entry(outgoing: Outgoing, text: str) -> Entry:
    return Entry(0, outgoing.chat, False, NOW, text, key=outgoing.say.key)


def test_the_oldest_of_each_chat_is_claimed(store: Store) -> None:
    says(store, Say("a1"), Say("a2"))
    says(store, Say("b1"), Say("b2"), chat="web:ben")
    says(store, Say("c1"), chat="telegram:1:2")
    claimed = store.claim("web", NOW, 10, 60)
    assert [(one.chat, one.say.key, one.attempts) for one in claimed] == [("web:anna", "a1", 0), ("web:ben", "b1", 0)]
    assert store.claim("web", NOW, 10, 60) == []
    assert keys(store.claim("telegram", NOW, 10, 60)) == ["c1"]


def test_no_more_is_claimed_than_asked_for(store: Store) -> None:
    for number in range(5):
        says(store, Say("x"), chat=f"web:{number}")
    assert [one.chat for one in store.claim("web", NOW, 3, 60)] == ["web:0", "web:1", "web:2"]


def test_a_chat_gets_its_messages_in_order(store: Store) -> None:
    says(store, Say("a1"), Say("a2"))
    says(store, Say("a3"))
    assert sends(store) == ["a1", "a2", "a3"]
    assert sends(store) == []


def test_a_postponed_message_holds_back_the_later_ones_of_its_chat(store: Store) -> None:
    says(store, Say("a1"), Say("a2"))
    says(store, Say("b1"), chat="web:ben")
    first = store.claim("web", NOW, 1, 60)[0]
    store.retry(first.id, NOW + HOUR)
    assert sends(store) == ["b1"]
    assert store.next_due() == NOW + HOUR
    (again,) = store.claim("web", NOW + HOUR, 10, 60)
    assert (again.id, again.attempts) == (first.id, 1)


def test_a_lease_that_ran_out_is_claimed_again(store: Store) -> None:
    says(store, Say("a1"), Say("a2"))
    (first,) = store.claim("web", NOW, 10, 60)
    assert store.claim("web", NOW + timedelta(seconds=59), 10, 60) == []
    (again,) = store.claim("web", NOW + timedelta(seconds=60), 10, 60)
    assert again.id == first.id


def test_a_message_that_was_given_up_lets_the_next_one_go(store: Store) -> None:
    says(store, Say("a1"), Say("a2"))
    store.give_up(store.claim("web", NOW, 10, 60)[0].id, NOW, "blocked")
    assert sends(store) == ["a2"]


def test_a_message_is_sent_once(store: Store) -> None:
    says(store, Say("a1", asks=True), Say("a2"))
    (first,) = store.claim("web", NOW, 10, 60)
    store.sent(first.id, NOW, 5, "p5")
    store.sent(first.id, NOW, 6, "p6")
    store.retry(first.id, NOW)
    store.give_up(first.id, NOW, "late")
    assert sends(store) == ["a2"]
    case = store.snapshot("web:anna")
    assert case is not None and case.conversation.question_order == 5


def test_a_slot_is_edited_where_it_was_last_sent(store: Store) -> None:
    def edits() -> str | None:
        says(store, Say("checklist", slot="checklist"))
        (claimed,) = store.claim("web", NOW, 10, 60)
        store.sent(claimed.id, NOW, None, f"p{claimed.id}")
        return claimed.edits

    assert edits() is None
    first = edits()
    assert first is not None and edits() != first
    says(store, Say("checklist", slot="checklist"), chat="web:ben")
    assert store.claim("web", NOW, 10, 60)[0].edits is None


def test_a_message_knows_its_chat_and_registration(store: Store) -> None:
    def with_zone(case: Case, event: Event) -> Turn:
        case.conversation.time_zone, case.conversation.locale = "Asia/Bangkok", "th"
        return Turn(case)

    take(store, typed("one"))
    take(store, typed("zone"), by=with_zone)
    (claimed,) = store.claim("web", NOW, 10, 60)
    assert (claimed.time_zone, claimed.locale, claimed.asked) == ("Asia/Bangkok", "th", 1)
    assert claimed.reference == registration_of(store).reference
    assert claimed.created_at == NOW


def test_the_page_keeps_what_was_said_on_both_sides(store: Store) -> None:
    take(store, typed("one"))
    take(store, Event("p:1", Kind.PRESS, NOW, "web:anna", "web:anna", choice="skip", asked=1), by=doing())
    while claimed := store.claim("web", NOW, 10, 60):
        kept = store.deliver(claimed[0], entry(claimed[0], f"said {claimed[0].say.key}"), NOW)
        assert store.deliver(claimed[0], entry(claimed[0], "again"), NOW) == kept
    lines = store.history("web:anna")
    assert [(line.incoming, line.text) for line in lines] == [
        (True, "one"), (True, "skip"), (False, "said noted"), (False, "said ask_field"),
    ]  # fmt: skip
    assert {line.registration for line in lines} == {registration_of(store).id}
    assert store.history("web:anna", after=lines[1].id) == lines[2:]
    assert store.history("web:anna", limit=1) == lines[3:]
    assert store.history("web:ben") == []
    case = store.snapshot("web:anna")
    assert case is not None and case.conversation.question_order == lines[3].id


def test_what_is_typed_elsewhere_is_not_kept(store: Store) -> None:
    take(store, typed("one", "telegram:1:2"))
    assert store.history("telegram:1:2") == []


def test_a_reminder_counts_for_the_end_it_was_said_for(store: Store) -> None:
    take(store, typed("one"))
    registration = registration_of(store)
    end = registration.ends_at
    assert end is not None and registration.warned_at is None

    def moved(at: object) -> None:
        def move(case: Case, event: Event) -> Turn:
            case.registrations[registration.id].ends_at = at  # type: ignore[assignment]
            return Turn(case)

        take(store, typed("x"), by=move)

    says(store, Say("reminder", registration=registration.id, reminder=True))
    assert registration_of(store).warned_at is None  # said, not delivered
    sends(store, now=NOW + MINUTE)
    assert registration_of(store).warned_at == NOW + MINUTE
    moved(end + HOUR)
    assert registration_of(store).warned_at is None  # another end
    moved(NOW + MINUTE + timedelta(hours=24))
    assert registration_of(store).warned_at == NOW + MINUTE  # the end was moved to a day after its delivery
    moved(None)
    assert registration_of(store).warned_at is None


def test_a_refused_reminder_warned_nobody(store: Store) -> None:
    take(store, typed("one"))
    sends(store)
    says(store, Say("reminder", registration=registration_of(store).id, reminder=True))
    store.give_up(store.claim("web", NOW, 1, 60)[0].id, NOW, "blocked")
    assert registration_of(store).warned_at is None


def test_the_next_thing_due_is_the_earliest(store: Store) -> None:
    assert store.next_due() is None
    take(store, typed("one"))
    sends(store)
    assert store.next_due() == registration_of(store).ends_at
    says(store, Remind(registration_of(store).id, "soon", NOW + MINUTE))  # type: ignore[arg-type]
    assert store.next_due() == NOW + MINUTE
    says(store, Say("now"))
    due = store.next_due()
    assert due is not None and due <= NOW


def test_a_slot_that_begins_anew_is_a_new_message_and_is_edited_from_then_on(store: Store) -> None:
    chat = "group:desk"
    for anew in (True, False, True, False):
        take(store, typed("x", chat), by=doing(Say("card", slot="case:1", anew=anew)))
        (claimed,) = store.claim("group", NOW, 9, 60)
        edits = claimed.edits
        store.sent(claimed.id, NOW, claimed.id, edits or f"p{claimed.id}")
        assert (edits is None) == anew
    assert edits == f"p{claimed.id - 1}"


def test_what_belongs_under_a_slot_knows_where_that_stands(store: Store) -> None:
    take(store, typed("x", "group:desk"), by=doing(Say("card", slot="case:1"), Say("news", under="case:1")))
    (card,) = store.claim("group", NOW, 9, 60)
    store.sent(card.id, NOW, 1, "p1")
    (news,) = store.claim("group", NOW, 9, 60)
    assert (news.say.key, news.under, news.edits) == ("news", "p1", None)


def test_of_several_edits_that_wait_only_the_newest_leaves(store: Store) -> None:
    take(store, typed("x", "group:desk"), by=doing(Say("card", slot="case:1")))
    sends(store, "group")
    said = [Say("card_0", slot="case:1"), Say("between"), *(Say(f"card_{n}", slot="case:1") for n in range(1, 4))]
    take(store, typed("x", "group:desk"), by=doing(*said))
    assert sends(store, "group") == ["between", "card_3"]


def test_a_message_that_others_stand_under_is_not_merged_away(store: Store) -> None:
    card, news = Say("card", slot="case:1"), Say("news", under="case:1")
    take(store, typed("x", "group:desk"), by=doing(card, card, news, card, news))
    left: list[tuple[str, bool, bool]] = []
    while claimed := store.claim("group", NOW, 9, 60):
        for one in claimed:
            left.append((one.say.key, one.edits is not None, one.under is not None))
            store.sent(one.id, NOW, one.id, one.edits or f"p{one.id}")
    assert left == [("card", False, False), ("news", False, True), ("card", True, False), ("news", False, True)]


def test_a_card_on_its_way_when_its_case_is_erased_is_followed_by_the_closing_word(store: Store) -> None:
    take(store, typed("one"))
    number = registration_of(store).id
    take(store, typed("x", "group:desk"), by=doing(Say("card", slot="case:TH", registration=number)))
    (card,) = store.claim("group", NOW, 9, 60)
    group = store.snapshot("group:desk")
    assert group is not None
    to = group.conversation.id
    gone = Say("desk_card_gone", slot="case:TH", registration=number, last=True, to=to)
    take(store, desk(number, "erase"), by=lambda case, event: Turn(case, [Erase(number, "x"), gone]))
    assert store.claim("group", NOW, 9, 60) == []
    store.sent(card.id, NOW, 5, "p5")
    assert [(one.say.key, one.edits) for one in store.claim("group", NOW, 9, 60)] == [("desk_card_gone", "p5")]


def test_an_edit_that_is_on_its_way_and_one_that_begins_anew_are_not_merged_away(store: Store) -> None:
    take(store, typed("x", "group:desk"), by=doing(Say("first", slot="case:1")))
    (first,) = store.claim("group", NOW, 9, 60)
    take(store, typed("y", "group:desk"), by=doing(Say("anew", slot="case:1", anew=True), Say("edit", slot="case:1")))
    store.sent(first.id, NOW, 1, "p1")
    assert sends(store, "group") == ["anew", "edit"]


def test_a_page_shows_every_change_of_a_slot(store: Store) -> None:
    take(store, typed("x", "web:anna"), by=doing(Say("one", slot="s"), Say("two", slot="s")))
    assert sends(store, "web") == ["one", "two"]


def test_a_chat_with_a_new_name_keeps_its_messages_and_the_desk_follows(reopened: Callable[[], Store]) -> None:
    store = reopened()
    store.put_setting("desk_chat", "group:old")
    take(store, typed("x", "group:old"), by=doing(Say("card", slot="case:1")))
    for _ in range(2):  # told twice, by a send and by the group itself
        store.move_chat("group:old", "group:new")
    assert [(one.chat, one.say.key) for one in store.claim("group", NOW, 9, 60)] == [("group:new", "card")]
    store = reopened()
    assert store.settings()["desk_chat"] == "group:new"
    take(store, typed("y", "group:new"), by=doing(Say("news")))
    assert store.snapshot("group:old") is None and store.snapshot("group:new") is not None


def test_in_a_chat_with_a_new_name_a_slot_begins_again(store: Store) -> None:
    take(store, typed("x", "group:old"), by=doing(Say("card", slot="case:1")))
    sends(store, "group")
    store.move_chat("group:old", "group:new")
    take(store, typed("y", "group:new"), by=doing(Say("card", slot="case:1"), Say("news", under="case:1")))
    assert [one.edits for one in store.claim("group", NOW, 9, 60)] == [None]


def test_a_chat_whose_new_name_is_known_already_hands_over_what_waits(store: Store) -> None:
    take(store, typed("x", "group:old"), typed("y", "group:new"), by=doing(Say("card")))
    store.move_chat("group:old", "group:new")
    assert sends(store, "group") == ["card", "card"]


def test_after_an_erasure_the_closing_word_still_finds_its_card(store: Store) -> None:
    take(store, typed("one"))
    number = registration_of(store).id
    take(store, typed("x", "group:desk"), by=doing(Say("card", slot="case:TH", registration=number)))
    sends(store, "group", order=40)
    group = store.snapshot("group:desk")
    assert group is not None
    to = group.conversation.id
    gone = Say("desk_card_gone", slot="case:TH", registration=number, last=True, to=to)
    take(store, desk(number, "erase"), by=lambda case, event: Turn(case, [Erase(number, "x"), gone]))
    assert [(one.say.key, one.edits) for one in store.claim("group", NOW, 9, 60)] == [("desk_card_gone", "p41")]
