"""What a browser is told of the server."""

import platform

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.version import STREAMLIT_VERSION_STRING

from components.web.sockets.told_at_start import without_server


def new_session() -> ForwardMsg:
    """As Streamlit 1.67 fills it."""
    message = ForwardMsg()
    session = message.new_session
    session.name, session.main_script_path = "shell", "/srv/desk/components/frame/shell.py"
    session.main_script_hash = "hash"
    told = session.initialize
    told.user_info.installation_id_v4 = "machine"
    told.environment_info.streamlit_version = STREAMLIT_VERSION_STRING
    told.environment_info.python_version = platform.python_version()
    told.environment_info.server_os = "Linux"
    told.session_id = "session"
    return message


def test_neither_versions_nor_paths_nor_the_machine_are_told() -> None:
    """What the page needs stays, and that the rest is there, though empty."""
    sent = without_server(new_session().SerializeToString())
    for word in (STREAMLIT_VERSION_STRING, platform.python_version(), "/srv", "machine", "Linux"):
        assert word.encode() not in sent
    session = ForwardMsg.FromString(sent).new_session
    assert (session.main_script_hash, session.initialize.session_id) == ("hash", "session")
    assert session.initialize.HasField("user_info")
    assert session.initialize.HasField("environment_info")


def test_other_messages_are_sent_as_they_are() -> None:
    """To the byte, also where a text says the same."""
    message = ForwardMsg()
    message.delta.new_element.markdown.body = f"Version {STREAMLIT_VERSION_STRING}"
    assert without_server(message.SerializeToString()) == message.SerializeToString()
