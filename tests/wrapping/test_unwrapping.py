import pytest

from headroom.plans import PlanError
from headroom.wrapping import runner_of, unwrap, users_settings


def test_everything_is_taken_back_the_last_first(wrap, toy, doll, files, free_port):
    before = files()
    wrap(toy, port=free_port())
    wrap(doll)
    runner = runner_of(users_settings({}).home)
    assert [*unwrap(runner, None)] == ["doll", "toy", "headroom"]
    assert files() == before
    assert unwrap(runner, None) == {}


def test_who_is_not_wrapped_is_told_who_is(wrap, toy):
    runner = runner_of(users_settings({}).home)
    with pytest.raises(PlanError, match="doll is not wrapped; nothing is wrapped"):
        unwrap(runner, "doll")
    wrap(toy, policy="safe")
    with pytest.raises(PlanError, match=r"wrapped are: toy$"):
        unwrap(runner, "doll")


def test_settings_stay_while_a_part_of_an_agent_could_not_be_taken_back(wrap, toy, machine):
    wrap(toy, policy="safe")
    toy.file(machine).chmod(0o400)
    runner = runner_of(users_settings({}).home)
    (problem,) = unwrap(runner, "toy")["toy"].problems
    assert "is read-only" in problem
    toy.file(machine).chmod(0o600)
    assert [*unwrap(runner, "toy")] == ["toy", "headroom"]
