/** The entry point: Streamlit calls it at mount and whenever the data or the theme changes. */
import type { FrontendRendererArgs } from "@streamlit/component-v2-lib";
import { createRoot, type Root } from "react-dom/client";

import { CardForm } from "./CardForm";
import type { ActionResult, CardFormData, NewPayment, Press, Submission } from "./contract";
import { copyTheme, keepInPanel, newOutlet } from "./panel/outlet";
import { elementStyle } from "./stripe/element_style";
import "./styles.css";

// A type, not an interface, because Streamlit requires an index signature.
type Triggers = {
  press: Press | null;
  submission: Submission | null;
  action_result: ActionResult | null;
  new_payment: NewPayment | null;
  drawn: true | null;
};

interface Mounted {
  root: Root;
  outlet: HTMLElement;
  leave: () => void;
}

// The typed card is in the React tree, so the tree must survive every call of the renderer.
const mounted = new WeakMap<HTMLElement, Mounted>();

export default function render(
  args: FrontendRendererArgs<Triggers, CardFormData>,
): (() => void) | undefined {
  const { data, parentElement: host, setTriggerValue } = args;
  if (!(host instanceof HTMLElement)) {
    throw new Error("Stripe's Elements refuse a shadow root: mount with isolate_styles=False.");
  }
  const { root, outlet, leave } = mounted.get(host) ?? mount(host);
  copyTheme(host, outlet);
  root.render(
    <CardForm
      key={`${data.publishable_key} ${data.form_id}`}
      data={data}
      desk={{
        press: (press) => setTriggerValue("press", press),
        submit: (submission) => setTriggerValue("submission", submission),
        reportAction: (result) => setTriggerValue("action_result", result),
        beginNewPayment: (request) => setTriggerValue("new_payment", request),
        reportDrawn: () => setTriggerValue("drawn", true),
      }}
      elementStyle={elementStyle(host)}
      outlet={outlet}
    />,
  );
  // Streamlit may call this for a form that stays on the page (if its data changed while this
  // module was loading), so it unmounts only if the host has left the document.
  return () => {
    setTimeout(() => {
      if (!host.isConnected) {
        root.unmount();
        leave();
        mounted.delete(host);
      }
    });
  };
}

function mount(host: HTMLElement): Mounted {
  const container = document.createElement("div");
  host.append(container);
  // Streamlit reruns the page on "r" and opens a dialog on "c", even inside the form.
  for (const kind of ["keydown", "keypress", "keyup"]) {
    host.addEventListener(kind, (event) => event.stopPropagation());
  }
  const outlet = newOutlet();
  // Streamlit's React counts its ids as ours does: one of the page's would be taken for the form's,
  // and the pay button would send no form.
  const root = createRoot(container, { identifierPrefix: "cardpay-" });
  const made = { root, outlet, leave: keepInPanel(outlet, host) };
  mounted.set(host, made);
  return made;
}
