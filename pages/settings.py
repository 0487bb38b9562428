"""Settings: what this desk was started with. Secrets are only said to be set or not."""

import streamlit as st

from cardpay.domain.actor import Permission
from cardpay.services import access
from components.desk_access import authorise, current_application, current_desk
from components.facts import facts

actor = authorise(Permission.VIEW_SETTINGS)
access.see_settings(current_desk(), actor)

st.title("Settings", anchor=False)
st.write("They are read once, from the environment or a file `.env`, when the desk starts.")
facts(current_application().settings.overview())
