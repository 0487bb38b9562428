/** The entry point: Streamlit calls it at mount and whenever the data or the theme changes. */
import type { FrontendRendererArgs } from "@streamlit/component-v2-lib";
import { createRoot, type Root } from "react-dom/client";

import { CardForm } from "./CardForm";
import type { ActionResult, CardFormData, Submission } from "./contract";
import "./styles.css";
import { elementStyle } from "./stripe/element_style";

// A type, not an interface, because Streamlit requires an index signature.
type Triggers = {
  submission: Submission | null;
  action_result: ActionResult | null;
};

// The typed card is in the React tree, so the tree must survive every call of the renderer.
const roots = new WeakMap<HTMLElement, Root>();

export default function render(
  args: FrontendRendererArgs<Triggers, CardFormData>,
): (() => void) | undefined {
  const { data, parentElement: host, setTriggerValue } = args;
  if (!(host instanceof HTMLElement)) {
    throw new Error("Stripe's Elements refuse a shadow root: mount with isolate_styles=False.");
  }
  const root = roots.get(host) ?? mount(host);
  root.render(
    <CardForm
      key={`${data.publishable_key} ${data.payment_id}`}
      data={data}
      desk={{
        submit: (submission) => setTriggerValue("submission", submission),
        reportAction: (result) => setTriggerValue("action_result", result),
      }}
      elementStyle={elementStyle(host)}
    />,
  );
  // Streamlit may call this for a form that stays on the page (if its data changed while this
  // module was loading), so it unmounts only if the host has left the document.
  return () => {
    setTimeout(() => {
      if (!host.isConnected) {
        root.unmount();
        roots.delete(host);
      }
    });
  };
}

function mount(host: HTMLElement): Root {
  const container = document.createElement("div");
  host.append(container);
  // Streamlit reruns the page on "r" and opens a dialog on "c", even inside the form.
  for (const kind of ["keydown", "keypress", "keyup"]) {
    host.addEventListener(kind, (event) => event.stopPropagation());
  }
  const root = createRoot(container);
  roots.set(host, root);
  return root;
}
