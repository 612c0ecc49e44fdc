"""Several owners at once, each in a thread of its own, who do what people do while all around them breaks."""

import random
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.faults.belongings import Bot
from tests.faults.errands import Errands
from tests.faults.history import History, Invariant
from tests.faults.person import Marks, Person
from tests.faults.talking import Talking

_PAUSE_S, _PAUSE_AFTER_FAILURE_S = 0.15, 0.5

Errand = Callable[["Member", Bot], None]


class Member:
    """A person with all that they do."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.errands = Errands(person)
        self.talking = Talking(person, self.errands)

    def waits_s(self) -> float:
        """Longer where the last request failed."""
        was_unlucky, self.person.is_unlucky = self.person.is_unlucky, False
        return _PAUSE_AFTER_FAILURE_S if was_unlucky else 0.0

    def paths(self) -> list[str]:
        """What others may try to open."""
        bots = list(self.person.owns.there())
        found = [f"/bots/{bot.id}" for bot in bots]
        found += [f"/bots/{bot.id}/documents/{one.id}" for bot in bots for one in list(bot.documents) if one.id]
        found += [
            f"/bots/{bot.id}/documents/{one.id}/text" for bot in bots for one in list(bot.documents) if one.id
        ]
        return found + [f"/conversations/{one.id}" for bot in bots for one in list(bot.talks) if one.id]


# What is done, and how often it is drawn.
ERRANDS: dict[str, tuple[Errand, int]] = {
    "ask": (lambda one, bot: one.talking.ask(bot), 30),
    "ask again": (lambda one, bot: one.talking.ask_again(bot), 5),
    "read conversation": (lambda one, bot: one.talking.read(bot), 8),
    "list conversations": (lambda one, bot: one.talking.look_at_talks(bot), 3),
    "delete conversation": (lambda one, bot: one.talking.delete_talk(bot), 1),
    "upload": (lambda one, bot: one.errands.upload(bot), 14),
    "upload again": (lambda one, bot: one.errands.upload_again(bot), 4),
    "delete document": (lambda one, bot: one.errands.delete_document(bot), 4),
    "list documents": (lambda one, bot: one.errands.look_at_documents(bot), 6),
    "search": (lambda one, bot: one.errands.search(bot), 8),
    "create bot": (lambda one, _: one.errands.create_bot(), 4),
    "rename bot": (lambda one, bot: one.errands.rename_bot(bot), 4),
    "delete bot": (lambda one, bot: one.errands.delete_bot(bot), 1),
    "list bots": (lambda one, _: one.errands.look_at_bots(), 5),
    "log in": (lambda one, _: one.errands.log_in_again(), 2),
    "change password": (lambda one, _: one.errands.change_password(), 1),
    "use an ended login": (lambda one, _: one.errands.use_an_ended_login(), 1),
    "who am i": (lambda one, _: one.errands.who_am_i(), 2),
}
_PRIES = 0.05


class Crowd:
    """`begin` and `end`; in between each goes on by their own lots."""

    def __init__(self, members: list[Member], history: History) -> None:
        self.members = members
        self._history = history
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []

    def begin(self) -> None:
        self._threads = [
            threading.Thread(target=self._live, args=(one,), name=one.person.name) for one in self.members
        ]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Everybody ends what they are at."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _live(self, member: Member) -> None:
        seeded = member.person.seeded
        names, weights = list(ERRANDS), [weight for _, weight in ERRANDS.values()]
        while not self._over.wait(seeded.uniform(0, 2 * _PAUSE_S) + member.waits_s()):
            try:
                if seeded.random() < _PRIES:
                    member.errands.pry([path for one in self.members if one is not member for path in one.paths()])
                else:
                    self._do(member, seeded.choices(names, weights)[0])
            except Exception:
                # Else a mistake of this client would look as if nothing had happened.
                self._history.violated(Invariant.ANSWERS, f"{member.person.name}: {traceback.format_exc(limit=-4)}")

    def _do(self, member: Member, name: str) -> None:
        bots = member.person.owns.there()
        if bots:
            ERRANDS[name][0](member, member.person.seeded.choice(bots))
        else:
            member.errands.look_at_bots()
            member.errands.create_bot()


@contextmanager
def crowd(apis: list[str], history: History, *, seed: int, size: int) -> Iterator[Crowd]:
    """So many owners, settled in."""
    marks = Marks()
    people = [
        Person(f"p{n}", apis=apis, history=history, marks=marks, seeded=random.Random(f"{seed}-{n}"))
        for n in range(size)
    ]
    members = [Member(person) for person in people]
    made = Crowd(members, history)
    try:
        for member in members:
            member.errands.settle_in()
        yield made
    finally:
        made.end()
        for person in people:
            person.close()
