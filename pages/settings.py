"""Settings: the values this desk was started with. Secrets are shown as set or not set."""

import streamlit as st

from cardpay.services.access import sessions
from components.frame.desk_access import authorise, current_application, current_desk
from components.frame.page_list import SETTINGS
from components.widgets.description_list import description_list

actor = authorise(SETTINGS)
sessions.see_settings(current_desk(), actor)

st.title("Settings", anchor=False)
st.write("Settings are loaded from the environment or `.env` when the desk starts.")
with st.container(key="card-settings", border=True):
    description_list(current_application().settings.overview())
