"""How many websockets may be open at once."""

from components.web.sockets.open_sockets import OpenSockets


class Doors:
    """Some sockets, and which had to leave."""

    def __init__(self) -> None:
        """With few places."""
        self.left: list[str] = []
        self.sockets = OpenSockets(most_strangers=4, most_of_one_address=2, most_of_one_person=2)

    def enter(self, name: str, address: str, person: str | None = None) -> None:
        """A newcomer."""
        self.sockets.enter(name, address, person, lambda: self.left.append(name))


def test_a_crowd_at_the_door_keeps_nobody_out() -> None:
    """Strangers make room for strangers; who is signed in stays, and always gets in."""
    doors = Doors()
    doors.enter("staff", "192.0.2.9", "person-1")
    for number in range(1_000):
        doors.enter(f"stranger {number}", f"192.0.2.{number % 250}")
    doors.enter("colleague", "192.0.2.9", "person-2")
    assert doors.left == [f"stranger {number}" for number in range(996)]


def test_one_address_makes_room_for_itself() -> None:
    """Of IPv6 a whole network counts as one: anybody has 2⁶⁴ addresses."""
    doors = Doors()
    doors.enter("other", "2001:db8:1::1")
    for number in range(4):
        doors.enter(f"crowd {number}", f"2001:db8:2::{number}")
    assert doors.left == ["crowd 0", "crowd 1"]


def test_who_waits_behind_a_crowd_keeps_their_place() -> None:
    """Who has been there longest is next to be served; the crowd makes room for itself."""
    doors = Doors()
    doors.enter("crowd 0", "192.0.2.1")
    doors.enter("newcomer", "192.0.2.2")
    for number in range(1, 6):
        doors.enter(f"crowd {number}", f"192.0.2.{1 if number % 2 else 3}")
    assert "newcomer" not in doors.left
    assert len(doors.left) == 3


def test_one_person_makes_room_for_themselves() -> None:
    """From wherever they come."""
    doors = Doors()
    doors.enter("other", "192.0.2.1", "person-2")
    for number in range(3):
        doors.enter(f"tab {number}", f"192.0.2.{number}", "person-1")
    assert doors.left == ["tab 0"]


def test_whoever_has_left_takes_no_place() -> None:
    """Nor is told to leave again."""
    doors = Doors()
    for number in range(5):
        doors.enter(f"visit {number}", "192.0.2.1")
        doors.sockets.left(f"visit {number}")
    assert doors.left == []
