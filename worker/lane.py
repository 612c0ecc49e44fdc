"""The lanes: what each is started with, and when one that has ended starts again."""

from dataclasses import dataclass

LANES = ("words", "vectors")

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0
# What lived for so long and ended did not fail at its start.
_SOUND_AFTER_S = 60.0


def arguments(lane: str) -> tuple[str, ...]:
    """Celery's, for the worker of one lane."""
    own = ("-Q", lane, "-n", f"{lane}@%h", "--pool", "threads", "--concurrency", "1", "--include", "worker.tasks")
    return ("worker", *own, "--loglevel", "WARNING", "--without-gossip", "--without-mingle")


@dataclass(slots=True)
class Lane:
    """A Celery worker's place. Times are those of `time.monotonic`."""

    name: str
    pid: int | None = None
    began_at: float = 0.0
    starts_at: float = 0.0
    pause_s: float = FIRST_PAUSE_S

    def started(self, pid: int, *, now: float) -> None:
        self.pid, self.began_at = pid, now

    def ended(self, *, now: float) -> None:
        """It starts again soon, and later each time that it ends soon."""
        is_sound = now - self.began_at >= _SOUND_AFTER_S
        self.pause_s = FIRST_PAUSE_S if is_sound else min(self.pause_s * 2, LONGEST_PAUSE_S)
        self.pid, self.starts_at = None, now + self.pause_s
