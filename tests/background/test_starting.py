"""Flags as they are written."""

from headroom.background.starting import arguments


def test_flags_are_written_as_the_command_takes_them():
    flags = {
        "port": 9000,
        "openai_upstream": "http://127.0.0.1:4000",
        "deadline_ms": 12.5,
        "retrieval": False,
        "log_content": True,
        "policy": None,
    }
    assert " ".join(arguments(flags)) == (
        "--port 9000 --openai-upstream http://127.0.0.1:4000 --deadline-ms 12.5 --no-retrieval "
        "--log-content"
    )
