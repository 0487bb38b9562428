/** Streamlit's entry: called at mount, and again whenever the data or the theme changes. */
import type { FrontendRendererArgs } from "@streamlit/component-v2-lib";
import { createRoot, type Root } from "react-dom/client";

import { CardForm } from "./CardForm";
import type { ActionResult, CardFormData, Submission } from "./contract";
import "./styles.css";
import { elementStyle } from "./stripe/element_style";

// A type, not an interface: Streamlit asks for an index signature.
type Triggers = {
  submission: Submission | null;
  action_result: ActionResult | null;
};

// The typed card lives in the React tree, so the tree must outlive every call of the renderer.
const roots = new WeakMap<HTMLElement, Root>();

export default function render(
  args: FrontendRendererArgs<Triggers, CardFormData>,
): (() => void) | undefined {
  const { data, parentElement: host, setTriggerValue } = args;
  if (!(host instanceof HTMLElement)) {
    throw new Error("Stripe's Elements refuse a shadow root: mount with isolate_styles=False.");
  }
  const root = roots.get(host) ?? plant(host);
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
  // Streamlit may clean up a form that stays on the page (its data changed while this module
  // was still loading): only a host that has left the document is really gone.
  return () => {
    setTimeout(() => {
      if (!host.isConnected) {
        root.unmount();
        roots.delete(host);
      }
    });
  };
}

function plant(host: HTMLElement): Root {
  const ground = document.createElement("div");
  host.append(ground);
  // Streamlit reruns the page on "r" and opens a dialog on "c", wherever they are typed.
  for (const kind of ["keydown", "keypress", "keyup"]) {
    host.addEventListener(kind, (event) => event.stopPropagation());
  }
  const root = createRoot(ground);
  roots.set(host, root);
  return root;
}
