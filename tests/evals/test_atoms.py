import json

from headroom.evals.atoms import argument_values, atoms


def test_an_atom_is_a_name_a_path_or_a_number_of_five_characters():
    assert atoms("see src/app.py, line 12345 (v1.2.3)") == {"src/app.py", "12345", "v1.2.3"}


def test_an_atom_does_not_end_in_a_full_stop_or_a_dash():
    assert atoms("It was loaded. Then-- gone-") == {"loaded"}


def test_short_words_are_no_atoms():
    assert atoms("a the four and four") == set()


def test_arguments_are_read_by_their_values():
    arguments = json.dumps(
        {"path": "a/b.py", "edits": [{"old": 'say "x"\n', "count": 3}], "no": None}
    )
    assert argument_values(arguments) == 'a/b.py\nsay "x"\n\n3'


def test_arguments_that_are_no_json_stand_for_themselves():
    assert argument_values("open a.py 12") == "open a.py 12"
    assert argument_values("[" * 100_000) == "[" * 100_000
