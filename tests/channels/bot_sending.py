"""The methods that put messages into chats, change them and take them away."""

from __future__ import annotations

import mimetypes
from pathlib import PurePath
from typing import Any

from bot_files import UPLOAD_MAX, Kept
from bot_keyboards import read_markup
from bot_methods import BotApiError, Misuse, Params, Upload, bad, read_object
from bot_texts import Entity, formatted, found_in, wrong_with
from bot_world import Chat, Message, Topic, World

DELETABLE = 48 * 3600  # seconds
ACTIONS = {
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
    "choose_sticker", "find_location", "record_video_note", "upload_video_note",
}  # fmt: skip
UNUSED = ("business_connection_id", "direct_messages_topic_id", "suggested_post_parameters", "message_effect_id")
SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content"
    " and reply markup of the message"
)
GENERAL = 1  # the topic every forum has


class Sending:
    """Answers the methods by their own names. Called under the lock."""

    def __init__(self, world: World) -> None:
        self.world, self.bot = world, world.bot

    # --- where to

    def known_chat(self, id: int | str) -> Chat:
        chat = self.world.chats.get(id) if isinstance(id, int) else None
        if chat is None or (self.bot.id not in chat.members and chat.kind != "private"):
            raise bad("chat not found")
        return chat

    def open_chat(self, params: Params) -> Chat:
        """The chat, if the bot may write there now."""
        chat = self.known_chat(params["chat_id"])
        if chat.migrated_to:
            raise bad("group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.migrated_to)
        status = chat.members.get(self.bot.id, "left")
        if chat.kind == "private":
            self._check_person(chat, status)
        elif status == "kicked":
            raise BotApiError(403, f"Forbidden: bot was kicked from the {chat.kind} chat")
        elif status == "left":
            raise BotApiError(403, f"Forbidden: bot is not a member of the {chat.kind} chat")
        return chat

    def _check_person(self, chat: Chat, status: str) -> None:
        if self.world.users[chat.id].gone:
            raise BotApiError(403, "Forbidden: user is deactivated")
        if status == "kicked":
            raise BotApiError(403, "Forbidden: bot was blocked by the user")
        if status == "left":
            raise BotApiError(403, "Forbidden: bot can't initiate conversation with a user")

    def open_topic(self, chat: Chat, thread: int | None) -> int | None:
        """The topic to write in, or None for the general one, which takes no id: 1 is refused as well."""
        if thread is None:
            return None
        topic: Topic | None = chat.topics.get(thread)
        if topic is None or topic.deleted:
            raise bad("message thread not found")
        if topic.closed and not chat.is_admin(self.bot):
            raise bad("TOPIC_CLOSED")
        return thread

    def _place(self, params: Params) -> tuple[Chat, Params]:
        """The chat, and what every kind of message to it has in common."""
        if unused := [name for name in UNUSED if name in params]:
            raise Misuse(f"{', '.join(unused)}: not for a bot such as this")
        if params.get("allow_paid_broadcast"):
            raise bad("FLOODSKIP_NOT_ALLOWED")
        chat = self.open_chat(params)
        thread = self.open_topic(chat, params.get("message_thread_id"))
        reply_to = self._reply(chat, params.get("reply_parameters"))
        if reply_to and thread is None:
            thread = reply_to.thread
        markup = read_markup(params.get("reply_markup"), private=chat.kind == "private")
        return chat, {
            "thread": thread, "reply_to": reply_to, "markup": markup,
            "protected": params.get("protect_content", False),
        }  # fmt: skip

    def _reply(self, chat: Chat, reply: Any) -> Message | None:
        if reply is None:
            return None
        read_object("reply_parameters", reply)
        if reply.get("chat_id", chat.id) != chat.id:
            raise Misuse("a reply to another chat")
        message = chat.messages.get(reply["message_id"])
        if message is None or message.deleted:
            if reply.get("allow_sending_without_reply"):
                return None
            raise bad("message to be replied not found")
        if "quote" in reply and reply["quote"] not in message.text:
            raise bad("QUOTE_TEXT_INVALID")
        return message

    # --- sending

    def sendMessage(self, params: Params) -> Params:
        text, entities = formatted(params)
        chat, common = self._place(params)
        preview_off = self._preview_off(params)
        content = {"text": text, "entities": _all_entities(text, entities)}
        return self.world.post(chat, self.bot, content, preview_off=preview_off, **common).json()

    def _preview_off(self, params: Params) -> bool:
        options = params.get("link_preview_options")
        if options is None:
            return False
        read_object("link_preview_options", options)
        if "url" in options and wrong_with(options["url"]):
            raise bad("WEBPAGE_URL_INVALID")
        return bool(options.get("is_disabled"))

    def sendDocument(self, params: Params) -> Params:
        text, entities = formatted(params, "caption")
        chat, common = self._place(params)
        document, kept = self._document(params["document"])
        content = {"document": document, "caption": text, "caption_entities": _all_entities(text, entities)}
        return self.world.post(chat, self.bot, content, files=[kept], **common).json()

    def sendPhoto(self, params: Params) -> Params:
        text, entities = formatted(params, "caption")
        chat, common = self._place(params)
        photo, kept = self._photo(params["photo"])
        content = {"photo": photo, "caption": text, "caption_entities": _all_entities(text, entities)}
        return self.world.post(chat, self.bot, content, files=[kept], **common).json()

    def sendMediaGroup(self, params: Params) -> list[Params]:
        chat, common = self._place(params)
        contents = self._album(params["media"], params)
        album = str(self.world.random.getrandbits(60))
        return [self.world.post(chat, self.bot, c, files=[f], album=album, **common).json() for c, f in contents]

    def _album(self, media: Any, params: Params) -> list[tuple[Params, Kept]]:
        if not isinstance(media, list):
            raise bad("expected an Array of InputMedia")
        if not media:
            raise bad("there are no messages to send")
        if len(media) == 1:
            raise Misuse("an album has 2-10 items")
        if len(media) > 10:
            raise bad("too many messages to send as an album")
        kinds = {item.get("type") for item in media}
        if not kinds <= {"document", "photo"}:
            raise Misuse(f"no album of {kinds} here")
        if len(kinds) > 1:
            raise bad("document can't be mixed with other media types")
        return [self._item(item, params) for item in media]

    def _item(self, item: Params, params: Params) -> tuple[Params, Kept]:
        read_object("InputMediaDocument" if item["type"] == "document" else "InputMediaPhoto", item)
        text, entities = formatted(item, "caption")
        file = item["media"]
        if file.startswith("attach://"):
            file = params.get(file)
            if file is None:
                raise bad("can't find the attached file")
        shown, kept = self._document(file) if item["type"] == "document" else self._photo(file)
        return {item["type"]: shown, "caption": text, "caption_entities": _all_entities(text, entities)}, kept

    def _document(self, file: Upload | str) -> tuple[Params, Kept]:
        if isinstance(file, str):
            kept = self._again(file, "document")
            return self._document_sent(kept), kept
        if not file.content:
            raise bad("file must be non-empty")
        if len(file.content) > UPLOAD_MAX:
            raise BotApiError(413, "Request Entity Too Large")
        name = file.name
        if not name or name != PurePath(name).name or len(name.encode()) > 255 or not name.isprintable():
            raise Misuse(f"a document named {name!r}")
        kept = self.world.files.keep(file.content, "document", PurePath(name).suffix)
        mime = file.mime or mimetypes.guess_type(name)[0] or "application/octet-stream"
        return {"file_name": name, "mime_type": mime, **kept.ids()}, kept

    def _document_sent(self, kept: Kept) -> Params:
        every = (message for chat in self.world.chats.values() for message in chat.messages.values())
        return next(dict(message.content["document"]) for message in every if kept in message.files)

    def _photo(self, file: Upload | str) -> tuple[list[Params], Kept]:
        if isinstance(file, str):
            kept = self._again(file, "photo")
            sizes = self.world.files.photo(kept.content)
        else:
            sizes = self.world.files.photo_of_bot(file.content)
        largest = self.world.files.known(sizes[-1]["file_id"])
        assert largest
        return sizes, largest

    def _again(self, id: str, kind: str) -> Kept:
        """A file sent by its id."""
        if "://" in id:
            raise Misuse("a file by its link: nothing is fetched here")
        kept = self.world.files.known(id)
        if kept is None:
            raise bad("wrong remote file identifier specified: Wrong string length")
        if kept.kind != kind:
            raise bad(f"can't use file of type {kept.kind.title()} as {kind.title()}")
        return kept

    def sendChatAction(self, params: Params) -> bool:
        chat = self.open_chat(params)
        if params.get("message_thread_id") != GENERAL or not chat.forum:  # here alone 1 is taken
            self.open_topic(chat, params.get("message_thread_id"))
        if params["action"] not in ACTIONS:
            raise bad("wrong parameter action in request")
        return True

    # --- changing and taking away

    def _own(self, params: Params) -> Message:
        """The message to edit, if the bot may."""
        if "chat_id" not in params or "message_id" not in params:
            raise Misuse("an edit names chat_id and message_id")
        message = self.open_chat(params).messages.get(params["message_id"])
        if message is None or message.deleted:
            raise bad("message to edit not found")
        if message.sender is not self.bot or message.is_service:
            raise bad("message can't be edited")
        if message.markup and not message.inline:
            raise bad("message can't be edited")  # only one without a markup, or with buttons of its own
        return message

    def _inline(self, params: Params, message: Message) -> Params | None:
        return read_markup(params.get("reply_markup"), private=message.chat.kind == "private", inline_only=True)

    def editMessageText(self, params: Params) -> Params:
        text, entities = formatted(params)
        message = self._own(params)
        if "text" not in message.content:
            raise bad("there is no text in the message to edit")
        preview_off = self._preview_off(params)
        return self._changed(message, text, _all_entities(text, entities), self._inline(params, message), preview_off)

    def editMessageCaption(self, params: Params) -> Params:
        text, entities = formatted(params, "caption")
        message = self._own(params)
        if "text" in message.content:
            raise bad("there is no caption in the message to edit")
        return self._changed(message, text, _all_entities(text, entities), self._inline(params, message), False)

    def editMessageReplyMarkup(self, params: Params) -> Params:
        message = self._own(params)
        markup = self._inline(params, message)
        if markup == message.markup:
            raise bad(SAME)
        message.markup = markup
        self.world.ring()
        return message.json()

    def _changed(self, message: Message, text: str, entities: list[Entity], markup: Params | None, off: bool) -> Params:
        if (text, entities, markup) == (message.text, message.entities, message.markup):
            raise bad(SAME)
        message.say(text, entities)
        message.markup, message.preview_off = markup, off
        message.edited_at = int(self.world.clock.now())
        self.world.ring()
        return message.json()

    def deleteMessage(self, params: Params) -> bool:
        chat = self.open_chat(params)
        message = chat.messages.get(params["message_id"])
        if message is None or message.deleted:
            raise bad("message to delete not found")
        allowed = message.sender is self.bot or chat.kind == "private" or chat.is_admin(self.bot)
        if not allowed or self.world.clock.now() - message.at > DELETABLE:
            raise bad("message can't be deleted for everyone")
        message.deleted = True
        self.world.ring()
        return True

    def deleteMessages(self, params: Params) -> bool:
        if not 1 <= len(params["message_ids"]) <= 100:
            raise bad("too many message identifiers specified")
        for id in params["message_ids"]:
            try:
                self.deleteMessage({"chat_id": params["chat_id"], "message_id": id})
            except BotApiError as refused:  # those that can't be found are skipped
                if refused.code != 400 or "chat" in refused.words:
                    raise
        return True

    def setMessageReaction(self, params: Params) -> bool:
        message = self.open_chat(params).messages.get(params["message_id"])
        if message is None or message.deleted:
            raise bad("message to react not found")
        if len(params.get("reaction", [])) > 1:
            raise bad("REACTIONS_TOO_MANY")
        return True


def _all_entities(text: str, entities: list[Entity]) -> list[Entity]:
    """With those Telegram finds by itself, outside of code and links."""
    taken = [(e["offset"], e["offset"] + e["length"]) for e in entities if e["type"] in ("code", "pre", "text_link")]
    found = [
        e
        for e in found_in(text)
        if not any(start < e["offset"] + e["length"] and e["offset"] < end for start, end in taken)
    ]
    return sorted(entities + found, key=lambda entity: (entity["offset"], -entity["length"]))
