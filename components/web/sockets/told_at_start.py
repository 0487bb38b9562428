"""What Streamlit tells a browser of the server as a page begins, cut down to what it needs.

Its `new_session` message names the versions of Streamlit and Python, the operating system, the
script's path and three ids of the machine (Streamlit 1.67). The browser's side uses them for
statistics, which are off, and to tell an old server from a new one after a restart: that its
script's hash does as well.
"""

from typing import Final

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.version import STREAMLIT_VERSION_STRING

_TELLS: Final = STREAMLIT_VERSION_STRING.encode()


def without_server(data: bytes) -> bytes:
    """The message as it may be sent; any but `new_session` is sent as it is."""
    if _TELLS not in data:
        return data
    message = ForwardMsg.FromString(data)
    if message.WhichOneof("type") != "new_session":
        return data
    message.new_session.name = ""
    message.new_session.main_script_path = ""
    told = message.new_session.initialize
    for field in (told.user_info, told.environment_info):
        field.Clear()
        field.SetInParent()  # that they are there is what the browser's side asks
    told.skills_nudge_suppressed_reason = ""
    return bytes(message.SerializeToString())
