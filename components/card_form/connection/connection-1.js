// Our own words while the server does not answer, instead of Streamlit's dialog, which a style sheet
// hides. Streamlit names the connection's state on its app's element.
const patienceMilliseconds = 1000;
const state = "data-test-connection-state";
let watched = null;
let timer = null;
let notice = null;

export default function ({ data }) {
  const app = document.querySelector('[data-testid="stApp"]');
  if (app === null || app === watched) return;
  watched = app;
  const look = () => {
    clearTimeout(timer);
    if (app.getAttribute(state) === "CONNECTED") {
      notice?.remove();
      notice = null;
    } else {
      timer = setTimeout(() => show(data.words), patienceMilliseconds);
    }
  };
  new MutationObserver(look).observe(app, { attributes: true, attributeFilter: [state] });
  look();
}

function show(words) {
  if (notice !== null) return;
  notice = document.createElement("div");
  notice.className = "cardpay-connection";
  notice.setAttribute("role", "alert");
  document.body.append(notice);
  notice.textContent = words; // after it is there, so that it is read out
}
