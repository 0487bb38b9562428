"""Settings: what this desk was started with. Secrets are only said to be set or not."""

import streamlit as st

from cardpay.domain.access.actor import Permission
from cardpay.services.access import sessions
from components.frame.desk_access import authorise, current_application, current_desk
from components.widgets.description_list import facts

actor = authorise(Permission.VIEW_SETTINGS)
sessions.see_settings(current_desk(), actor)

st.title("Settings", anchor=False)
st.write("They are read once, from the environment or a file `.env`, when the desk starts.")
facts(current_application().settings.overview())
