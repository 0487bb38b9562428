/** Whether somebody has just asked for a payment link: until the page is drawn, no card is taken. */
import { useEffect, useState } from "react";

const linkButton = '[class*="send-link"] button';
const app = '[data-testid="stApp"]';
const running = "data-test-script-state";

export function useLeavingForLink(): boolean {
  const [isLeaving, setLeaving] = useState(false);
  useEffect(() => {
    function onClick(event: MouseEvent): void {
      if (event.target instanceof Element && event.target.closest(linkButton) !== null) {
        setLeaving(true);
      }
    }
    document.addEventListener("click", onClick, true);
    return () => document.removeEventListener("click", onClick, true);
  }, []);
  useEffect(() => (isLeaving ? afterScript(() => setLeaving(false)) : undefined), [isLeaving]);
  return isLeaving;
}

/** Call back once a script that begins now has ended. Returns how to stop. */
function afterScript(callBack: () => void): () => void {
  const watched = document.querySelector(app);
  if (watched === null) {
    callBack();
    return () => undefined;
  }
  let hasRun = watched.getAttribute(running) !== "notRunning";
  const observer = new MutationObserver(() => {
    const isRunning = watched.getAttribute(running) !== "notRunning";
    if (hasRun && !isRunning) {
      callBack();
    }
    hasRun ||= isRunning;
  });
  observer.observe(watched, { attributes: true, attributeFilter: [running] });
  return () => observer.disconnect();
}
