"""The sample handbook, trained and asked as a new user would."""

from tests.platform import Owner, Running
from tests.questions import HANDBOOK, ask, questions


def test_four_of_five_of_a_new_users_questions_are_answered_with_the_right_passage(
    owner: Owner, workers: list[Running]
) -> None:
    bot = owner.new_bot()
    owner.train(bot["id"], HANDBOOK.read_bytes(), within_s=180)

    outcomes = [ask(owner, bot["id"], question) for question in questions("blind")]

    right = [outcome for outcome in outcomes if outcome.cites_right and outcome.says_facts]
    assert len(right) >= 0.8 * len(outcomes), [outcome for outcome in outcomes if outcome not in right]
