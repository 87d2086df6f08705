"""What was counted, as one figure a session."""

from counting.exchanges import NOON, exchange
from headroom.counting import sessions
from headroom.counting.rollup import Rollup
from headroom.counting.sqlite import CountsFile
from headroom.trials.arms import COMPRESSED, HELD_OUT, SWITCHED_OFF
from headroom.trials.session_costs import REST_SECONDS, UNITS, Group, costs_of
from headroom.wire import Usage


def costs(home, *exchanges):
    sums = Rollup()
    for one in exchanges:
        sums.add(one)
    file = CountsFile(home)
    file.write(exchanges, sums)
    file.close()
    return costs_of(sessions.read(home))


def test_a_session_costs_what_its_requests_were_billed(home):
    asked = exchange(usage=Usage(fresh=1_000_000), before=Usage(fresh=2_000_000), arm=COMPRESSED)
    found, currency = costs(home, asked, asked._replace(time=NOON + 1_000))
    assert currency == "USD"
    (session,) = found
    assert session.group == Group("claude-code", "claude-sonnet-4-5")
    assert (session.requests, session.arm, session.prompt) == (2, COMPRESSED, 2_000_000)
    assert session.before == 2 * session.cost > 0.0
    assert session.first == NOON
    assert not session.is_over(session.last + REST_SECONDS - 1)
    assert session.is_over(session.last + REST_SECONDS)


def test_one_model_of_unknown_price_makes_all_costs_units(home):
    known = exchange(usage=Usage(fresh=1_000), before=Usage(fresh=3_000))
    found, currency = costs(home, known, known._replace(session="s2", model="of-nobody"))
    assert currency == UNITS
    assert [(one.before, one.cost) for one in found] == [(3_000.0, 1_000.0)] * 2


def test_sub_agents_and_helper_models_belong_to_their_session(home):
    main = exchange(session="aa", usage=Usage(fresh=9_000))
    helper = exchange(session="aa", model="claude-haiku-4-5", usage=Usage(fresh=10))
    sub = exchange(session="aa.bb", usage=Usage(fresh=500))
    found, _ = costs(home, helper, sub, main)
    (session,) = found
    assert session.group.model == "claude-sonnet-4-5"
    assert (session.requests, session.prompt) == (3, 9_510)


def test_the_same_name_in_two_projects_is_two_sessions(home):
    found, _ = costs(home, exchange(), exchange(project="other"))
    assert len(found) == 2


def test_a_session_in_two_arms_is_in_neither(home):
    def arms(*said):
        folder = home / "-".join(said).replace(" ", "_")
        rows = (exchange(arm=arm, model=f"claude-{place}") for place, arm in enumerate(said))
        return [one.arm for one in costs(folder, *rows)[0]]

    assert arms(COMPRESSED, HELD_OUT) == ["mixed"]
    assert arms(COMPRESSED, SWITCHED_OFF) == [SWITCHED_OFF]
    assert arms("", COMPRESSED) == [""]
    assert arms(HELD_OUT, HELD_OUT) == [HELD_OUT]


def test_requests_without_usage_or_session_are_left_out(home):
    found, currency = costs(home, exchange(usage=None), exchange(session=""))
    assert (list(found), currency) == ([], "USD")
