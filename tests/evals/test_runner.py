from headroom.evals import replayed
from headroom.policy import BALANCED, SAFE
from headroom.transcripts import Transcript

LOG = "\n".join(f"2026-03-01 10:{n // 60:02}:{n % 60:02} INFO served page {n}" for n in range(400))


def session(form="openai_chat"):
    call = {"id": "c1", "type": "function", "function": {"name": "logs", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": "What happened?"},
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": LOG},
        {"role": "assistant", "content": "Nothing."},
        {"role": "user", "content": "Sure?"},
        {"role": "assistant", "content": "Yes."},
    ]
    return Transcript("one", messages, form)


def test_a_transcript_is_replayed_with_what_ships():
    figures = replayed(session(), BALANCED)
    assert figures.turns == 3
    assert figures.stability == 1.0
    assert figures.billed_saving > 0.5
    assert "log" in figures.contents


def test_the_policy_holds():
    assert replayed(session(), SAFE).billed_saving < replayed(session(), BALANCED).billed_saving
