/*
 * The sandbox's replacement for Stripe.js (v3): the split card Elements, createPaymentMethod,
 * handleNextAction with a simulated 3-D Secure dialog, and retrievePaymentIntent. It behaves as
 * @stripe/react-stripe-js 2.9 and Stripe's documentation of the Elements expect, with two safety
 * restrictions. Its fields are inputs of the page itself, so they accept only Stripe's published
 * test cards. And it works with test keys only.
 */
(() => {
  "use strict";

  // The API has the origin and prefix of this script.
  const apiBase = document.currentScript.src.replace(/\/v3\/stripe\.js(\?.*)?$/, "");

  // ---- Cards -----------------------------------------------------------------------------

  // Stripe docs: "Testing". Any other number is never sent anywhere.
  const TEST_CARDS = new Set(
    `4242424242424242 4000056655665556 5555555555554444 2223003122003222 5200828282828210
     5105105105105100 378282246310005 371449635398431 6011111111111117 6011000990139424
     6011981111111113 6555900000604105 3056930009020004 36227206271667 3566002020360505
     3530111333300000 6200000000000005 6200000000000047 6205500000000000004 4000002500001001
     5555552500001001 4000050360000001 5555050360000080 4000051230000072 5200828282828897
     4000000000000093 4000000000000077 4000003720000278 4000000320000021 4000000760000002
     4000001240000000 4000001520000001 4000001700000003 4000001880000005 4000002180000000
     4000004840008001 4000005910000000 4000006000000066 4000006040000068 4000008580000003
     4000007840000001 4000000400000008 4000000560000004 4000001000000000 4000001120000005
     4000001910000009 4000001960000008 4000002030000002 4000002080000001 4000002330000009
     4000002460000001 4000002500000003 4000002760000016 4000002920000005 4000003000000030
     4000003480000005 4000003720000005 4000003800000008 4000004280000005 4000004380000004
     4000004400000000 4000004420000006 4000004700000007 4000005280000002 4000005780000007
     4000006160000005 4000006200000007 4000006420000001 4000006820000007 4000007050000006
     4000007030000001 4000007240000007 4000007520000008 4000007560000009 4000008260000000
     4000000360000006 4000001560000002 4000003440000004 4000003560000008 4000003920000003
     4000004580000002 4000005540000008 4000007020000003 4000001580000008 4000007640000003
     5200007840000022 4000058260000005 5555558265554449 4000057640000008 4000000000000002
     4000000000009995 4000000000009987 4000000000009979 4000000000000069 4000000000000127
     4000000000000119 4000000000006975 4000000000000341 4100000000000019 4000000000004954
     4000000000009235 4000000000000101 4000000000000036 4000000000000028 4000000000000010
     4000000000000044 4000002760003184 4000002500003155 4000003800000446 4000008260003178
     4000000000003220 4000008400000027 4000000000003063 4000000000003055 4000000000003097
     4000008400001629 4000008400001280 4000000032200000 4000582600000094 4000582600000045
     4000582600000102 4000582600000110 4000000000000259 4000000000002685 4000000000001976
     4000000404000079 4000000404000038 4000008400000779 5105008400000002 4000000001000043
     4000000000005423 4000000000007726 4000000000005126`
      .split(/\s+/),
  );

  const ordinary = { lengths: [16], groups: [4, 4, 4, 4], cvc: 3 };
  const BRANDS = [
    { ...ordinary, brand: "amex", prefix: /^3[47]/, lengths: [15], groups: [4, 6, 5], cvc: 4 },
    { ...ordinary, brand: "diners", prefix: /^3(0[0-5]|[689])/, lengths: [14, 16] },
    { ...ordinary, brand: "jcb", prefix: /^35/ },
    { ...ordinary, brand: "visa", prefix: /^4/ },
    { ...ordinary, brand: "mastercard", prefix: /^(5[1-5]|2[2-7])/ },
    { ...ordinary, brand: "discover", prefix: /^6(011|4[4-9]|5)/ },
    { ...ordinary, brand: "unionpay", prefix: /^62/ },
  ];
  const UNKNOWN = { ...ordinary, brand: "unknown" };

  const brandOf = (digits) => BRANDS.find(({ prefix }) => prefix.test(digits)) || UNKNOWN;

  function passesLuhn(digits) {
    let sum = 0;
    for (let place = 0; place < digits.length; place += 1) {
      const digit = Number(digits[digits.length - 1 - place]);
      const doubled = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
      sum += place % 2 === 1 ? doubled : digit;
    }
    return sum % 10 === 0;
  }

  const invalid = (code, message) => ({ type: "validation_error", code, message });

  // ---- The three kinds of field ----------------------------------------------------------

  const FIELDS = {
    cardNumber: {
      label: "Card number",
      autocomplete: "cc-number",
      placeholder: "1234 1234 1234 1234",
      clean: (text) => {
        const digits = text.replace(/\D/g, "");
        return digits.slice(0, Math.max(...brandOf(digits).lengths));
      },
      format: (digits) => {
        const parts = [];
        let from = 0;
        for (const size of brandOf(digits).groups) {
          parts.push(digits.slice(from, from + size));
          from += size;
        }
        return parts.filter(Boolean).join(" ");
      },
      isComplete: (digits) => brandOf(digits).lengths.includes(digits.length),
      incomplete: invalid("incomplete_number", "Your card number is incomplete."),
      check: (digits) => {
        if (!passesLuhn(digits)) {
          return invalid("invalid_number", "Your card number is invalid.");
        }
        const advice = "Use a test card: this simulation takes no other, not even a real one.";
        return TEST_CARDS.has(digits) ? null : invalid("invalid_number", advice);
      },
    },
    cardExpiry: {
      label: "Expiry date",
      autocomplete: "cc-exp",
      placeholder: "MM / YY",
      clean: (text) => {
        let digits = text.replace(/\D/g, "");
        // A month can be typed without its leading zero, and a pasted year can have four digits.
        if (/^[2-9]/.test(digits) || /^1\/$/.test(text)) {
          digits = `0${digits}`;
        }
        return digits.replace(/^(\d\d)20(\d\d)$/, "$1$2").slice(0, 4);
      },
      format: (digits) =>
        digits.length < 2 ? digits : `${digits.slice(0, 2)} / ${digits.slice(2)}`,
      isComplete: (digits) => digits.length === 4,
      incomplete: invalid("incomplete_expiry", "Your card's expiry date is incomplete."),
      check: (digits) => {
        const [month, year] = [Number(digits.slice(0, 2)), 2000 + Number(digits.slice(2))];
        const today = new Date();
        const age = (today.getFullYear() - year) * 12 + today.getMonth() + 1 - month; // months
        if (month < 1 || month > 12) {
          return invalid("invalid_expiry_month", "Your card's expiry month is invalid.");
        }
        if (year < today.getFullYear()) {
          return invalid("invalid_expiry_year_past", "Your card's expiry year is in the past.");
        }
        return age > 0
          ? invalid("invalid_expiry_month_past", "Your card's expiry date is in the past.")
          : null;
      },
    },
    cardCvc: {
      label: "Security code",
      autocomplete: "cc-csc",
      placeholder: "CVC",
      clean: (text, brand) => text.replace(/\D/g, "").slice(0, brand === UNKNOWN ? 4 : brand.cvc),
      format: (digits) => digits,
      isComplete: (digits, brand) => digits.length === brand.cvc,
      incomplete: invalid("incomplete_cvc", "Your card's security code is incomplete."),
      check: () => null,
    },
  };

  // ---- Elements --------------------------------------------------------------------------

  const STATES = ["focus", "empty", "complete", "invalid"];

  class CardElement {
    constructor(group, type, options) {
      this.group = group;
      this.type = type;
      this.field = FIELDS[type];
      this.options = { ...options };
      this.digits = "";
      this.error = null;
      this.listeners = new Map();
      this.container = null;
      this.input = this.makeInput();
      this.applyOptions();
    }

    makeInput() {
      const input = Object.assign(document.createElement("input"), {
        inputMode: "numeric",
        autocomplete: this.field.autocomplete,
        className: "cardpay-sandbox-input",
      });
      input.setAttribute("aria-label", this.field.label);
      input.addEventListener("input", (event) => this.onInput(event));
      input.addEventListener("focus", () => this.showState("focus"));
      input.addEventListener("blur", () => this.onBlur());
      input.addEventListener("keydown", (event) => {
        if (event.key === "Escape") {
          this.emit("escape", { elementType: this.type });
        }
      });
      return input;
    }

    // Public methods, as in Stripe's documentation of an Element.

    mount(target) {
      const container = typeof target === "string" ? document.querySelector(target) : target;
      if (!container) {
        throw new Error(`IntegrationError: no element matches ${target}.`);
      }
      if (container.getRootNode() instanceof ShadowRoot) {
        throw new Error("IntegrationError: Elements cannot be mounted in a ShadowRoot.");
      }
      this.container = container;
      container.replaceChildren(this.input);
      container.classList.add("StripeElement");
      const described = container.closest("[aria-describedby]");
      if (described) {
        this.input.setAttribute("aria-describedby", described.getAttribute("aria-describedby"));
      }
      this.showState();
      setTimeout(() => this.emit("ready", { elementType: this.type }));
    }

    unmount() {
      if (this.container) {
        this.input.remove();
        this.container.classList.remove("StripeElement", ...STATES.map(stateClass));
        this.container = null;
      }
    }

    destroy() {
      this.reset();
      this.unmount();
      this.listeners.clear();
      this.group.remove(this);
    }

    update(options) {
      Object.assign(this.options, options);
      this.applyOptions();
    }

    on(event, handler) {
      this.listeners.set(event, [...(this.listeners.get(event) || []), handler]);
      return this;
    }

    once(event, handler) {
      const onlyOnce = (...details) => {
        this.off(event, onlyOnce);
        handler(...details);
      };
      return this.on(event, onlyOnce);
    }

    off(event, handler) {
      const rest = (this.listeners.get(event) || []).filter((known) => known !== handler);
      this.listeners.set(event, handler ? rest : []);
      return this;
    }

    focus() {
      this.input.focus();
    }

    blur() {
      this.input.blur();
    }

    clear() {
      this.reset();
      this.announceChange();
    }

    // Internal methods.

    reset() {
      this.digits = "";
      this.error = null;
      this.input.value = "";
    }

    get brand() {
      return brandOf(this.group.digitsOf("cardNumber"));
    }

    get complete() {
      return this.validate() === null;
    }

    onInput(event) {
      const { input, field } = this;
      let caretDigits = input.value.slice(0, input.selectionStart).replace(/\D/g, "").length;
      let digits = field.clean(input.value, this.brand);
      const erasedSeparator =
        event.inputType === "deleteContentBackward" && digits === this.digits && caretDigits > 0;
      if (erasedSeparator) {
        digits = digits.slice(0, caretDigits - 1) + digits.slice(caretDigits);
        caretDigits -= 1;
      }
      const atEnd = input.selectionStart === input.value.length;
      this.digits = digits;
      input.value = field.format(digits);
      if (!atEnd) {
        const caret = placeAfterDigits(input.value, Math.min(caretDigits, digits.length));
        input.setSelectionRange(caret, caret);
      }
      this.error = field.isComplete(digits, this.brand) ? field.check(digits) : null;
      this.announceChange();
      if (this.type === "cardNumber") {
        this.group.brandChanged();
      }
    }

    /** A field that is incomplete when it loses the focus shows an error. */
    onBlur() {
      if (this.digits !== "" && !this.field.isComplete(this.digits, this.brand)) {
        this.error = this.field.incomplete;
        this.announceChange();
      }
      this.showState("blur");
    }

    announceChange() {
      this.showState();
      this.emit("change", {
        elementType: this.type,
        empty: this.digits === "",
        complete: this.complete,
        error: this.error || undefined,
        ...(this.type === "cardNumber" ? { brand: this.brand.brand } : {}),
      });
    }

    /** The error that createPaymentMethod returns for this field, or null. */
    validate() {
      return this.field.isComplete(this.digits, this.brand)
        ? this.field.check(this.digits)
        : this.field.incomplete;
    }

    showState(event) {
      const active = {
        focus: event === "focus" || (!event && document.activeElement === this.input),
        empty: this.digits === "",
        complete: this.complete,
        invalid: this.error !== null,
      };
      for (const state of this.container ? STATES : []) {
        this.container.classList.toggle(stateClass(state), active[state]);
      }
      this.applyOptions();
      if (event) {
        this.emit(event, { elementType: this.type });
      }
    }

    applyOptions() {
      const { input, error } = this;
      const { style = {}, placeholder = this.field.placeholder, disabled = false } = this.options;
      const { base = {} } = style;
      input.placeholder = placeholder;
      // Read-only, because a disabled input loses the focus.
      input.readOnly = disabled;
      input.setAttribute("aria-invalid", String(error !== null));
      for (const [name, value] of Object.entries({ ...base, ...(error ? style.invalid : {}) })) {
        if (typeof value === "string" && !name.startsWith(":")) {
          input.style[name] = value;
        }
      }
      const { color = "#757575" } = base["::placeholder"] || {};
      input.style.setProperty("--sandbox-placeholder", color);
    }

    emit(event, details) {
      for (const handler of this.listeners.get(event) || []) {
        handler(event === "ready" ? this : details);
      }
    }
  }

  const stateClass = (state) => `StripeElement--${state}`;

  /** The position in `text` after its first `count` digits. */
  function placeAfterDigits(text, count) {
    return count === 0 ? 0 : text.match(new RegExp(`^(\\D*\\d){${count}}`))[0].length;
  }

  const sheet = document.createElement("style");
  sheet.textContent = `
    .cardpay-sandbox-input { display: block; width: 100%; margin: 0; padding: 0; border: 0;
      background: transparent; color: inherit; font: inherit; outline: none; }
    .cardpay-sandbox-input::placeholder { color: var(--sandbox-placeholder); opacity: 1; }
    .cardpay-sandbox-dialog { box-sizing: border-box; width: min(28rem, calc(100vw - 2rem));
      padding: 1.5rem; border: 1px solid #b8bcc4; border-radius: 0.5rem; background: #fff;
      color: #1d2129; font: 16px/1.5 system-ui, sans-serif; }
    .cardpay-sandbox-dialog::backdrop { background: rgb(0 0 0 / 60%); }
    .cardpay-sandbox-dialog h2 { padding: 0; color: inherit; font-size: 1.25rem; }
    .cardpay-sandbox-dialog :is(h2, p) { margin: 0 0 1rem; }
    .cardpay-sandbox-dialog p:empty { display: none; }
    .cardpay-sandbox-dialog [role="alert"] { color: #a61b1b; }
    .cardpay-sandbox-dialog button { min-height: 2.5rem; margin-right: 0.5rem;
      padding: 0 1rem; border: 1px solid #1f4fbf; border-radius: 0.375rem; cursor: pointer;
      background: #fff; color: #1f4fbf; font: inherit; }
    .cardpay-sandbox-dialog button[value="complete"] { background: #1f4fbf; color: #fff; }
    .cardpay-sandbox-dialog button[disabled] { cursor: default; opacity: 0.6; }
    .cardpay-sandbox-dialog button:focus-visible { outline: 3px solid #1f4fbf;
      outline-offset: 2px; }`;
  document.head.append(sheet);

  // The desk's demo, where this script is mounted under a prefix, offers test cards to press. A
  // stand-in for Stripe's own host takes none, as Stripe's fields take none.
  const groups = new Set();
  if (apiBase.endsWith("/sandbox")) {
    window.addEventListener("cardpay:test-card", (event) => {
      const shown = [...groups].find((created) => isFillable(created.get("cardNumber")));
      if (shown) {
        event.preventDefault();
        fillIn(shown, event.detail.number);
      }
    });
  }

  const isFillable = (element) =>
    element !== undefined && element.input.isConnected && !element.input.disabled;

  function fillIn(created, number) {
    const security = "1234".slice(0, brandOf(number).cvc);
    for (const [type, text] of [
      ["cardNumber", number],
      ["cardExpiry", "1234"],
      ["cardCvc", security],
    ]) {
      const element = created.get(type);
      if (element) {
        element.input.value = text;
        element.onInput({});
      }
    }
    for (const input of document.querySelectorAll("input")) {
      const label = input.getAttribute("aria-label") || (input.labels && input.labels[0] &&
        input.labels[0].textContent) || "";
      if (label.startsWith("Postal code") && input.value === "") {
        // As typed, so that whoever draws the field takes notice.
        const proto = Object.getPrototypeOf(input);
        Object.getOwnPropertyDescriptor(proto, "value").set.call(input, "LS1 4AP");
        input.dispatchEvent(new Event("input", { bubbles: true }));
      }
    }
  }

  function makeElements() {
    const created = new Map();
    groups.add(created);
    const group = {
      digitsOf: (type) => (created.has(type) ? created.get(type).digits : ""),
      remove: (element) => created.delete(element.type),
      brandChanged: () => {
        const cvc = created.get("cardCvc");
        if (cvc && cvc.digits !== "") {
          cvc.digits = cvc.field.clean(cvc.digits, cvc.brand);
          cvc.input.value = cvc.digits;
          cvc.announceChange();
        }
      },
      validate: () =>
        Object.entries(FIELDS)
          .map(([type, field]) =>
            created.has(type) ? created.get(type).validate() : field.incomplete,
          )
          .find((error) => error !== null) || null,
    };
    return {
      create(type, options) {
        if (!(type in FIELDS)) {
          throw new Error(`IntegrationError: the sandbox has no Element of type ${type}.`);
        }
        if (created.has(type)) {
          throw new Error(`IntegrationError: can only create one Element of type ${type}.`);
        }
        const element = new CardElement(group, type, options);
        created.set(type, element);
        return element;
      },
      getElement: (type) => created.get(type.__elementType || type) || null,
      update: () => undefined,
    };
  }

  // ---- API -------------------------------------------------------------------------------

  const unreachable = {
    type: "api_connection_error",
    message: "We are experiencing issues connecting to our payments provider. Please try again.",
  };

  /** Calls the sandbox's API. Resolves to `{result}` or Stripe's `{error}`, and never rejects. */
  async function call(publishableKey, method, path, parameters) {
    const form = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value));
    const query = method === "GET" ? `?${form}` : "";
    try {
      const reply = await fetch(`${apiBase}${path}${query}`, {
        method,
        headers: { Authorization: `Bearer ${publishableKey}` },
        body: method === "GET" ? undefined : form,
        credentials: "omit",
        cache: "no-store",
      });
      const response = await reply.json();
      return reply.ok ? { result: response } : { error: response.error || unreachable };
    } catch {
      return { error: unreachable };
    }
  }

  async function createPaymentMethod(publishableKey, details) {
    const card = details && details.card;
    if (!details || details.type !== "card" || !(card instanceof CardElement)) {
      return { error: { type: "invalid_request_error", message: "Give a card Element." } };
    }
    const error = card.group.validate();
    if (error) {
      return { error };
    }
    const expiry = card.group.digitsOf("cardExpiry");
    const billing = details.billing_details || {};
    const response = await call(publishableKey, "POST", "/v1/payment_methods", {
      type: "card",
      "card[number]": card.group.digitsOf("cardNumber"),
      "card[exp_month]": String(Number(expiry.slice(0, 2))),
      "card[exp_year]": `20${expiry.slice(2)}`,
      "card[cvc]": card.group.digitsOf("cardCvc"),
      "billing_details[name]": billing.name,
      "billing_details[address][postal_code]": (billing.address || {}).postal_code,
    });
    return response.error ? { error: response.error } : { paymentMethod: response.result };
  }

  async function retrievePaymentIntent(publishableKey, clientSecret) {
    const id = String(clientSecret).split("_secret_")[0];
    const response = await call(publishableKey, "GET", `/v1/payment_intents/${id}`, {
      client_secret: clientSecret,
    });
    return response.error ? { error: response.error } : { paymentIntent: response.result };
  }

  // ---- 3-D Secure ------------------------------------------------------------------------

  /** Returns an error unless the status is requires_action (Stripe docs: handleNextAction). */
  async function handleNextAction(publishableKey, clientSecret) {
    const before = await retrievePaymentIntent(publishableKey, clientSecret);
    if (before.error) {
      return before;
    }
    if (before.paymentIntent.status !== "requires_action") {
      return {
        error: {
          type: "invalid_request_error",
          code: "payment_intent_unexpected_state",
          message: "handleNextAction: the PaymentIntent is not in the requires_action state.",
          payment_intent: before.paymentIntent,
        },
      };
    }
    return openChallenge(async (outcome) => {
      const payment_intent = before.paymentIntent.id;
      const parameters = { payment_intent, client_secret: clientSecret, outcome };
      const response = await call(publishableKey, "POST", "/v1/sandbox/three_d_secure", parameters);
      if (response.error && response.error.type === "api_connection_error") {
        return null; // the outcome was not stored, so the dialog stays open
      }
      const after = response.error
        ? await retrievePaymentIntent(publishableKey, clientSecret) // the challenge was over already
        : { paymentIntent: response.result };
      return resultOf(after);
    });
  }

  function resultOf({ error, paymentIntent }) {
    if (error) {
      return { error };
    }
    const failure = paymentIntent.last_payment_error;
    if (paymentIntent.status !== "requires_payment_method") {
      return { paymentIntent };
    }
    return {
      error: {
        ...(failure || {
          type: "invalid_request_error",
          code: "payment_intent_authentication_failure",
          message: "The provided PaymentMethod has failed authentication.",
        }),
        payment_intent: paymentIntent,
      },
    };
  }

  /** Opens the dialog. `decide` gets complete, fail or cancel, and returns null to keep it open. */
  function openChallenge(decide) {
    const dialog = document.createElement("dialog");
    dialog.className = "cardpay-sandbox-dialog";
    dialog.setAttribute("role", "dialog");
    dialog.setAttribute("aria-modal", "true");
    dialog.setAttribute("aria-labelledby", "cardpay-sandbox-dialog-title");
    dialog.innerHTML = `
      <h2 id="cardpay-sandbox-dialog-title">3-D Secure (simulated)</h2>
      <p>The cardholder's bank asks for a confirmation. In this simulation you decide how it
        ends.</p>
      <p role="alert"></p>
      <div>
        <button type="button" value="complete">Complete</button>
        <button type="button" value="fail">Fail</button>
        <button type="button" value="cancel">Close</button>
      </div>`;
    const buttons = [...dialog.querySelectorAll("button")];
    const problem = dialog.querySelector("[role=alert]");
    // Keys pressed here must not trigger the page's keyboard shortcuts.
    for (const kind of ["keydown", "keypress", "keyup"]) {
      dialog.addEventListener(kind, (event) => event.stopPropagation());
    }
    document.body.append(dialog);
    dialog.showModal();

    return new Promise((resolve) => {
      let deciding = false;
      const choose = async (outcome) => {
        if (deciding) {
          return;
        }
        deciding = true;
        problem.textContent = "";
        buttons.forEach((button) => button.toggleAttribute("disabled", true));
        const response = await decide(outcome);
        if (response === null) {
          deciding = false;
          problem.textContent = "The bank could not be reached. Try again.";
          buttons.forEach((button) => button.toggleAttribute("disabled", false));
          buttons[0].focus();
          return;
        }
        dialog.close();
        dialog.remove();
        resolve(response);
      };
      buttons.forEach((button) => button.addEventListener("click", () => choose(button.value)));
      dialog.addEventListener("cancel", (event) => {
        event.preventDefault(); // the dialog closes when the sandbox has stored the outcome
        choose("cancel");
      });
    });
  }

  // ---- window.Stripe ---------------------------------------------------------------------

  const unsupported = (name) => async () => ({
    error: {
      type: "invalid_request_error",
      message: `${name} is not part of the sandbox: payments are confirmed on the server.`,
    },
  });

  window.Stripe = (publishableKey) => {
    if (!/^pk_test_\w+$/.test(publishableKey)) {
      throw new Error("IntegrationError: the sandbox takes a publishable test key (pk_test_…).");
    }
    return {
      elements: makeElements,
      createPaymentMethod: (details) => createPaymentMethod(publishableKey, details),
      handleNextAction: ({ clientSecret }) => handleNextAction(publishableKey, clientSecret),
      retrievePaymentIntent: (clientSecret) => retrievePaymentIntent(publishableKey, clientSecret),
      confirmCardPayment: unsupported("confirmCardPayment"),
      createToken: unsupported("createToken"),
      registerAppInfo: () => undefined,
      _registerWrapper: () => undefined,
    };
  };
  window.Stripe.version = 3;
})();
