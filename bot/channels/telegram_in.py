"""Telegram's updates as our events. Pure: what an update means, and nothing is asked or sent.

A chat is `telegram:<bot>:<chat>`, a person `telegram:<bot>:<user>`: in a private chat both are the same string.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bot.channels.telegram_decisions import decision
from bot.channels.telegram_here import Here
from conversations.desk.actions import BEGINS_LIKE_ONE, VERBS
from conversations.groups import DESK_HERE
from conversations.model import Event, IncomingFile, Kind
from conversations.words import PHRASES

if TYPE_CHECKING:
    from telegram import CallbackQuery, Chat, ChatMemberUpdated, Message, Update, User


PRIVATE, GROUPS = "private", ("group", "supergroup")
MEMBER, OUT = ("member", "administrator", "creator"), ("left", "kicked")
# What people send that is neither words nor a paper. A location with a name is a venue too, a GIF a document too.
OTHERS = ("animation", "voice", "video_note", "video", "audio", "sticker", "venue", "location", "poll", "dice", "story",
          "game", "invoice", "paid_media", "checklist", "giveaway", "giveaway_winners")  # fmt: skip
# Menus of commands hold no spaces: /take_back is "take back".
SPACED = {
    phrase.replace(" ", "_"): phrase for phrase in (*PHRASES, *VERBS, DESK_HERE, "time zone", "apply again")
    if " " in phrase
}  # fmt: skip
SLASH = re.compile(r"^/(?P<word>\w+)(?:@(?P<bot>\w+))?(?P<rest>\s.*)?$", re.DOTALL)
DECIDES = re.compile(rf"^(?:{'|'.join(VERBS[3:])})\b", re.IGNORECASE)  # nobody begins small talk so


def to_event(update: Update, here: Here) -> Event | None:
    """Return the one event we care about in an update, or None (channel posts, service messages, other bots ...).

    Raises:
        Exception: of any kind, when the update is not as Telegram documents it.
    """
    if update.callback_query is not None:
        event = _press(update, update.callback_query, here)
    elif update.my_chat_member is not None:
        event = _membership(update, update.my_chat_member, here)
    elif update.edited_message is not None:
        event = _edit(update, update.edited_message, here)
    elif update.message is None or not _is_from_a_person(update.message):
        event = None
    elif update.message.chat.type == PRIVATE:
        event = _private(update, update.message, here)
    elif update.message.chat.type in GROUPS:
        event = _in_a_group(update, update.message, here)
    else:
        event = None
    return _sound(event) if event else None


def moved(update: Update, here: Here) -> tuple[str, str] | None:
    """(old name, new name) of a group that became a supergroup: both of them are told."""
    message = update.message
    if message is not None and message.migrate_to_chat_id:
        return here.name(message.chat.id), here.name(message.migrate_to_chat_id)
    if message is not None and message.migrate_from_chat_id:
        return here.name(message.migrate_from_chat_id), here.name(message.chat.id)
    return None


def open_chat(update: Update, here: Here) -> str | None:
    """The chat an update comes from, which is thereby open to us; None when it tells of the contrary."""
    query, change, message = update.callback_query, update.my_chat_member, update.message or update.edited_message
    if query is not None:
        return here.name(query.message.chat.id) if query.message is not None else None
    if message is not None:
        return here.name(message.chat.id)
    if change is None or change.new_chat_member.status in OUT:
        return None
    return here.name(change.chat.id)


def misses_its_reference(update: Update, here: Here) -> bool:
    """Whether a word of the desk was said to us in the desk's chat, and we can't tell of which registration."""
    message = update.message
    if message is None or message.text is None or not _is_from_a_person(message) or not _is_desk(message.chat, here):
        return False
    to_us, text = _heard(message, message.text, here)
    begins = BEGINS_LIKE_ONE if to_us else DECIDES
    if not begins.match(text.removeprefix("/")) or not (to_us or _is_reply_to_us(message, here)):
        return False
    return decision(message, text, here) is None


def _event(here: Here, update: Update, kind: Kind, chat: Chat | User, user: User, **more: Any) -> Event:
    return Event(
        id=f"telegram:{here.bot}:{update.update_id}", kind=kind, at=here.now, chat=here.name(chat.id),
        principal=here.name(user.id), person=user.full_name, locale=user.language_code,
        private=chat.id == user.id, **more,
    )  # fmt: skip


def _sound(event: Event) -> Event:
    """The event, when it can be kept as it is."""
    files = [value for file in event.files for value in (file.ref, file.name, file.media_type)]
    for text in (event.text, event.choice, event.message, event.album, event.locale, event.person, *files):
        if text is not None:
            text.encode()  # neither a number nor half a character
    for number in (event.order, *(file.size for file in event.files)):
        if number is not None and not 0 <= number < 2**63:
            raise ValueError("no such number")
    return event


def _is_from_a_person(message: Message) -> bool:
    """Neither a bot, nor a channel, nor an administrator who hides behind the group."""
    return message.from_user is not None and not message.from_user.is_bot and message.sender_chat is None


# --- a private chat -----------------------------------------------------------------------------------------------


def _private(update: Update, message: Message, here: Here) -> Event | None:
    user = message.from_user
    assert user is not None
    more: dict[str, Any] = {"order": message.message_id, "message": str(message.message_id)}
    if message.text is not None:
        _, text = _heard(message, message.text, here)
        slash = SLASH.match(text)
        if slash is not None and slash["word"].casefold() == "start":
            return _event(here, update, Kind.OPENED, message.chat, user, text=(slash["rest"] or "").strip(), **more)
        text = decision(message, text, here) or text  # a reply to a prompt, or to the papers of a case
        return _event(here, update, Kind.TEXT, message.chat, user, text=text, **more)
    if message.contact is not None:
        return _event(here, update, Kind.CONTACT, message.chat, user, text=message.contact.phone_number, **more)
    if file := _file(message, here):
        return _event(
            here, update, Kind.FILES, message.chat, user, text=message.caption or "", files=(file,),
            album=message.media_group_id, **more,
        )  # fmt: skip
    kind = next((name for name in OTHERS if getattr(message, name)), None)
    if kind is None and message.api_kwargs:
        kind = "unknown"  # newer than the library: a person sent something all the same
    return _event(here, update, Kind.OTHER, message.chat, user, name=kind, **more) if kind else None


def _file(message: Message, here: Here) -> IncomingFile | None:
    """The photo in its largest size, or the document: announced, not fetched."""
    if message.photo:
        photo = max(message.photo, key=lambda size: size.width * size.height)
        return IncomingFile(
            f"telegram:{here.bot}:{photo.file_id}", f"photo-{message.message_id}.jpg", photo.file_size, "image/jpeg",
            as_photo=True,
        )  # fmt: skip
    document = message.document
    if document is None or message.animation is not None:
        return None
    return IncomingFile(
        f"telegram:{here.bot}:{document.file_id}", document.file_name or f"document-{message.message_id}",
        document.file_size, document.mime_type or "",
    )  # fmt: skip


def _edit(update: Update, message: Message, here: Here) -> Event | None:
    if message.chat.type != PRIVATE or message.text is None or not _is_from_a_person(message):
        return None
    assert message.from_user is not None
    return _event(
        here, update, Kind.EDITED, message.chat, message.from_user, text=message.text, message=str(message.message_id)
    )


def _press(update: Update, query: CallbackQuery, here: Here) -> Event | None:
    """A button, when it is one of ours made for this chat. Those of a group count at the desk only."""
    if query.message is None or query.data is None or query.from_user.is_bot:
        return None
    chat = query.message.chat
    if chat.type != PRIVATE and not _is_desk(chat, here):
        return None
    pressed = here.tokens.read(here.name(chat.id), query.data)
    if pressed is None:
        return None
    if chat.type != PRIVATE:
        return _event(
            here, update, Kind.DESK, query.from_user, query.from_user, text=pressed.value, choice=pressed.value
        )
    return _event(
        here, update, Kind.PRESS, chat, query.from_user, choice=pressed.value, asked=pressed.asked,
        message=str(query.message.message_id),
    )  # fmt: skip


def _membership(update: Update, change: ChatMemberUpdated, here: Here) -> Event | None:
    """Blocked or unblocked in a private chat; added to a group."""
    chat, status = change.chat, change.new_chat_member.status
    if change.from_user.is_bot:
        return None
    if chat.type == PRIVATE and status == "kicked":
        return _event(here, update, Kind.UNREACHABLE, chat, change.from_user, name="gone")
    if chat.type == PRIVATE and status == "member":
        return _event(here, update, Kind.REACHABLE, chat, change.from_user)
    if chat.type in GROUPS and status in MEMBER and change.old_chat_member.status not in MEMBER:
        return _event(here, update, Kind.GROUP, chat, change.from_user, result={"link": here.link})
    return None


# --- where others read along --------------------------------------------------------------------------------------


def _in_a_group(update: Update, message: Message, here: Here) -> Event | None:
    user = message.from_user
    assert user is not None
    to_us, text = _heard(message, message.text or message.caption or "", here)
    is_text, is_desk = message.text is not None, _is_desk(message.chat, here)
    if is_text and text.strip(" .!").removeprefix("/").casefold() == DESK_HERE:
        text = DESK_HERE
    elif is_text and is_desk and (words := decision(message, text, here)) is not None:
        return _event(here, update, Kind.DESK, user, user, text=words)
    elif is_desk and BEGINS_LIKE_ONE.match(text.removeprefix("/")):
        return None  # see misses_its_reference
    elif to_us or (not is_desk and _is_reply_to_us(message, here) and not _is_for_another(message)):
        text = re.sub(r"^/\S+\s*", "", text)
    else:
        return None
    return _event(
        here, update, Kind.GROUP, message.chat, user, text=text, album=message.media_group_id,
        result={"link": here.link},
    )  # fmt: skip


def _is_desk(chat: Chat, here: Here) -> bool:
    return here.desk is not None and here.desk == here.name(chat.id)


def _heard(message: Message, text: str, here: Here) -> tuple[bool, str]:
    """Whether the words name us, by a command or a mention, and the words without our name."""
    mentions = message.parse_entities() if message.text is not None else message.parse_caption_entities()
    ours = f"@{here.username}".casefold()
    named = [
        word for entity, word in mentions.items()
        if (entity.type == "mention" and word.casefold() == ours)
        or (entity.type == "text_mention" and entity.user is not None and str(entity.user.id) == here.bot)
    ]  # fmt: skip
    if message.chat.type != PRIVATE:
        for word in named:
            text = re.sub(rf" ?{re.escape(word)}", "", text, count=1)
        text = text.strip()
    slash = SLASH.match(text)
    if slash is None or (slash["bot"] and f"@{slash['bot']}".casefold() != ours):
        return bool(named), text
    word = slash["word"].casefold()
    return True, f"{SPACED.get(word, '/' + slash['word'])}{slash['rest'] or ''}"


def _is_for_another(message: Message) -> bool:
    """A command that names a bot. When it named us the name is gone by now."""
    slash = SLASH.match(message.text or "")
    return slash is not None and slash["bot"] is not None


def _is_reply_to_us(message: Message, here: Here) -> bool:
    """In a topic that we opened every message is marked as a reply to its opening: those are none."""
    replied = message.reply_to_message
    return (
        replied is not None
        and replied.forum_topic_created is None
        and replied.from_user is not None
        and str(replied.from_user.id) == here.bot
    )
