"""What belongs to a project, and what happens when there are many."""

import asyncio
import json

from headroom.billing import Prices
from headroom.conversation import Block, Conversation, Kind, Message
from headroom.counting import Books
from headroom.edits import Reason
from headroom.proxy.incoming import Body
from headroom.proxy.preparation import Preparation
from headroom.proxy.projects import Projects
from headroom.proxy.routes import recognise
from headroom.proxy.trial import Trial
from running import chosen_settings

TEXT = "\n".join(f"line {n} says {n * 7919 % 1000}" for n in range(200))


def talk():
    block = Block((0,), Kind.TOOL_RESULT, TEXT, "run", "c")
    return Conversation("", (Message("tool", (block,)),))


def test_a_project_that_makes_room_for_others_leaves_its_decisions_behind(tmp_path):
    projects = Projects(chosen_settings("http://127.0.0.1:1", tmp_path))
    first = projects.get("first")
    first.engine("", omit=True).leave(talk(), reason=Reason.LATE)
    for number in range(70):
        projects.get(f"other-{number}")
    again = projects.get("first")
    assert again is not first
    skips = again.engine("", omit=True).decide(talk()).skips
    assert [skip.reason for skip in skips] == [Reason.LATE]
    projects.close()


def test_projects_do_not_share_decisions(tmp_path):
    projects = Projects(chosen_settings("http://127.0.0.1:1", tmp_path))
    projects.get("a").engine("", omit=True).leave(talk(), reason=Reason.LATE)
    other = projects.get("b").engine("", omit=True).decide(talk())
    assert Reason.LATE not in [skip.reason for skip in other.skips]
    assert projects.get("") is projects.get("default")
    projects.close()


def test_without_a_store_the_reason_is_told_and_the_store_is_tried_again(tmp_path):
    settings = chosen_settings("http://127.0.0.1:1", tmp_path)
    settings.home.mkdir(parents=True)
    damaged = settings.home / "store.db"
    damaged.write_bytes(b"no database " * 1_000)
    projects = Projects(settings)
    broken = projects.get("")
    assert broken.store is None
    assert "damaged" in broken.trouble
    assert broken.engine("", omit=True).decide(talk()).edits == ()
    assert not broken.is_to_be_tried_again()
    broken.opened -= 60
    damaged.unlink()
    assert projects.get("").store is not None
    projects.close()


def test_whatever_deciding_raises_the_body_goes_as_it_came(tmp_path):
    class Broken(Projects):
        def get(self, name):
            project = super().get(name)
            project.engine = None
            return project

    settings = chosen_settings("http://127.0.0.1:1", tmp_path)
    projects = Broken(settings)
    preparation = Preparation(settings.proxy, projects, Books(), Trial(settings, Prices.load()))
    said = json.dumps([{"role": "user", "content": TEXT}]).encode()
    sent = b'{"model": "m", "tools": [{"name": "x"}], "messages": ' + said + b"}"
    prepared = asyncio.run(preparation.prepare(recognise("/v1/messages", {}), {}, Body(sent)))
    assert prepared.body is sent
    assert not prepared.offered
    assert "TypeError" in prepared.result.skips[0].detail
    projects.close()
