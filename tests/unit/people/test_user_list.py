"""Lists of people: read whole, and every fault has its line."""

import pytest

from app.service.people.user_list import NewUser, UserListError, read_users

HEAD = "name,role,display,line,password\n"


def test_a_list_is_read_with_its_lines() -> None:
    text = "\ufeffname,password,role,authority\nzhang,long enough,agent,2\n\nli,\"with, comma\",supervisor,\n"
    assert read_users(text) == [
        (2, NewUser(name="zhang", role="agent", password="long enough", authority=2)),
        (4, NewUser(name="li", role="supervisor", password="with, comma"))]


def test_display_and_line_are_kept() -> None:
    (_, user), = read_users(HEAD + "1001,agent,陈晓雯,sip:1001@192.168.1.20,demo12345\n")
    assert (user.display, user.line) == ("陈晓雯", "sip:1001@192.168.1.20")


@pytest.mark.parametrize(("rows", "fault"), [
    ("zhang,king,,,long enough\n", "line 2: role 'king': expected one of agent"),
    ("zhang,agent,,,short\n", "line 2: a password has at least 8 characters"),
    (",agent,,,long enough\n", "line 2: there is no name"),
    ("zhang,agent,,nowhere,long enough\n", "line 2: "),
    ("zhang,agent,,,long enough\nzhang,agent,,,long enough\n", "line 3: zhang stands in line 2 already"),
    ("zhang,agent,,,long enough,more\n", "line 2: there are more fields than headings"),
    (f"{'z' * 65},agent,,,long enough\n", "line 2: name: expected at most 64 characters"),
    ("", "line 1: there is nobody in it")])
def test_every_fault_names_its_line(rows: str, fault: str) -> None:
    with pytest.raises(UserListError) as refused:
        read_users(HEAD + rows)
    assert str(refused.value).startswith(fault)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(UserListError) as refused:
        read_users(HEAD + "a,agent,,,short\nb,agent,,,long enough\nc,king,,,long enough\n")
    assert [line.split(":")[0] for line in str(refused.value).splitlines()] == ["line 2", "line 4"]


@pytest.mark.parametrize("head", ["", "name,role\n", "name,role,password,colour\n"])
def test_headings_that_are_not_known_are_refused(head: str) -> None:
    with pytest.raises(UserListError, match="line 1: expected the columns name,role,password"):
        read_users(head + "zhang,agent,long enough\n" if head else head)


def test_an_authority_is_a_level() -> None:
    with pytest.raises(UserListError, match="line 2: authority '²': expected 0, 1 or 2"):
        read_users("name,role,password,authority\nzhang,agent,long enough,²\n")
