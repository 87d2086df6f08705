import os
import sys

import pytest

from headroom.errors import SettingsError
from headroom.mcp.roots import MAX_BYTES, Roots, default_folders

needs_links = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows lets only some users make symbolic links"
)


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "app.log").write_bytes(b"one\r\ntwo\n")
    (tmp_path / "secret").write_text("outside")
    return folder


def refusal(roots, said):
    with pytest.raises(SettingsError) as caught:
        roots.read(said)
    return str(caught.value)


def test_a_file_is_read_by_its_path_from_the_folder_on_or_its_whole_path(project):
    roots = Roots([project])
    assert roots.read("src/app.log") == b"one\r\ntwo\n"
    assert roots.read("./src/app.log") == b"one\r\ntwo\n"
    assert roots.read(str(project / "src" / "app.log")) == b"one\r\ntwo\n"


def test_the_first_folder_that_has_the_file_gives_it(project, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "b.txt").write_text("b")
    roots = Roots([project, other])
    assert roots.read("b.txt") == b"b"
    assert roots.read("src/app.log") == b"one\r\ntwo\n"


@pytest.mark.parametrize("said", ["../secret", "src/../../secret", "src/../src/app.log", ".."])
def test_a_path_that_climbs_is_refused(project, said):
    assert "has .. in it" in refusal(Roots([project]), said)


def test_what_lies_outside_is_refused_alike_whether_it_exists_or_not(project, tmp_path):
    roots = Roots([project])
    said = [refusal(roots, str(tmp_path / name)).replace(name, "F") for name in ("secret", "none")]
    assert said[0] == said[1]
    assert f"is not inside {project}" in said[0]


def test_a_folder_whose_name_begins_alike_is_outside(project, tmp_path):
    (tmp_path / "project-2").mkdir()
    (tmp_path / "project-2" / "f").write_text("x")
    assert "is not inside" in refusal(Roots([project]), str(tmp_path / "project-2" / "f"))


@needs_links
def test_a_link_counts_as_what_it_leads_to(project, tmp_path):
    (project / "out").symlink_to(tmp_path / "secret")
    (project / "folder").symlink_to(tmp_path)
    (project / "in").symlink_to(project / "src" / "app.log")
    (project / "loop").symlink_to(project / "loop")
    roots = Roots([project])
    assert roots.read("in") == b"one\r\ntwo\n"
    for said in ("out", "folder/secret", "loop"):
        refusal(roots, said)
    assert "is not inside" in refusal(roots, "out")


@needs_links
def test_a_folder_may_be_allowed_by_a_link_to_it(project, tmp_path):
    (tmp_path / "link").symlink_to(project)
    roots = Roots([tmp_path / "link"])
    assert roots.read("src/app.log") == roots.read(str(tmp_path / "link" / "src" / "app.log"))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("src", "is a folder; name a file"),
        ("none.txt", "cannot read none.txt: No such file"),
        ("a\0b", "is not inside"),
        ("x" * 5_000, "cannot read"),
    ],
)
def test_what_is_no_file_is_said_plainly(project, said, why):
    assert why in refusal(Roots([project]), said)


def test_a_binary_file_is_refused(project):
    (project / "app.bin").write_bytes(b"\x7fELF\0\0")
    assert "is a binary file" in refusal(Roots([project]), "app.bin")


def test_a_file_that_is_too_large_is_refused_before_it_is_read(project):
    with open(project / "large.log", "wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert "16,000,001 bytes, and at most 16,000,000" in refusal(Roots([project]), "large.log")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_a_pipe_is_refused_and_waited_for_by_nobody(project):
    os.mkfifo(project / "pipe")
    assert "is no regular file" in refusal(Roots([project]), "pipe")


def test_without_a_folder_it_is_said_how_to_allow_one():
    assert "--root PATH" in refusal(Roots([]), "x.txt")


def test_a_folder_that_is_not_there_is_refused_at_once(tmp_path):
    (tmp_path / "file").write_text("")
    for name, why in (("none", "is not there"), ("file", "is no folder")):
        with pytest.raises(SettingsError, match=why):
            Roots([tmp_path / name])


def test_by_default_it_is_the_working_directory_but_no_home_and_no_whole_disk(
    project, tmp_path, monkeypatch
):
    monkeypatch.setenv("USERPROFILE" if sys.platform == "win32" else "HOME", str(tmp_path))
    monkeypatch.chdir(project)
    assert default_folders() == (project.resolve(),)
    for folder in (tmp_path, project.anchor):
        monkeypatch.chdir(folder)
        assert default_folders() == ()
