"""`/usage/`: what the account's answers used and cost."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query

from app import crud
from app.api.dependencies import LoginDep, SessionDep
from app.api.errors import responses
from app.schemas import UsageQuery, UsageView

router = APIRouter(prefix="/usage", tags=["Users"])


@router.get("/", summary="Lo que se ha usado", response_model=UsageView, responses=responses(401, 404, 422))
async def read_usage(query: Annotated[UsageQuery, Query()], session: SessionDep, login: LoginDep) -> dict[str, Any]:
    """Tokens y microdólares por día, bot, modelo y tipo de tarea; también de bots que ya no existen."""
    first, last = query.days
    sums = await crud.sum_usage(session, owner_id=login.user.id, first=first, last=last, bot_id=query.bot_id)
    return {
        "from": first,
        "to": last,
        "total": _of(sums, crud.Group.TOTAL)[0],
        "days": _of(sums, crud.Group.DAY),
        "bots": _of(sums, crud.Group.BOT),
        "models": _of(sums, crud.Group.MODEL),
        "task_types": _of(sums, crud.Group.TASK_TYPE),
    }


def _of(sums: Sequence[crud.UsageSum], group: crud.Group) -> list[crud.UsageSum]:
    return [one for one in sums if one.group == group]
