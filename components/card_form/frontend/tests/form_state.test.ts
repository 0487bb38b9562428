import { describe, expect, test } from "vitest";

import {
  initialState,
  isBusy,
  canEdit,
  reduce,
  type FormEvent,
  type FormState,
  type ServerView,
  type Step,
} from "../src/form_state";
import { noFieldErrors } from "../src/fields/validation";

const ready: ServerView = {
  paymentId: "p1",
  phase: "ready",
  created: true,
  pressId: null,
  pressResult: null,
  cardKept: "nothing",
  settledSubmissionId: null,
  actionId: null,
  outcomeKey: null,
};

function after(events: FormEvent[], server: ServerView = ready): FormState {
  return events.reduce(reduce, initialState(server));
}

function says(server: Partial<ServerView>): FormEvent {
  return { type: "server_changed", server: { ...ready, ...server } };
}

const loaded: FormEvent = { type: "stripe_ready" };
const pay = (submissionId: string, errors = noFieldErrors): FormEvent => ({
  type: "pay",
  submissionId,
  errors,
});
const wrongNumber = { ...noFieldErrors, number: "Wrong." };
const tokenised: FormEvent = { type: "tokenised" };
const submitted = [loaded, pay("s1"), tokenised];
const declined = says({ settledSubmissionId: "s1", outcomeKey: "declined-1" });
const needsAction = says({ phase: "action", actionId: "a1" });

describe("loading", () => {
  test("the form can be typed into once Stripe.js is there", () => {
    expect(after([]).step).toBe("loading");
    expect(canEdit(after([loaded]))).toBe(true);
  });

  test("a Stripe.js that does not come can be tried again", () => {
    expect(after([{ type: "stripe_failed" }]).step).toBe("unavailable");
    expect(after([{ type: "stripe_failed" }, { type: "load_again" }]).step).toBe("loading");
  });

  test("a finished payment loads nothing", () => {
    expect(after([], { ...ready, phase: "done" }).step).toBe("done");
  });
});

describe("one submission", () => {
  test("goes through a PaymentMethod to the server, busy all the way", () => {
    expect(after([loaded, pay("s1")]).step).toBe("tokenising");
    expect(after(submitted).step).toBe("waiting");
    expect(isBusy(after([loaded, pay("s1")])) && isBusy(after(submitted))).toBe(true);
  });

  test("a second one is ignored while the first is under way", () => {
    expect(after([...submitted, pay("s2")]).submissionId).toBe("s1");
  });

  test("ends when the server names it as settled: fresh card, same payment", () => {
    const state = after([...submitted, declined]);
    expect(state).toMatchObject({ step: "editing", submissionId: null, usedCards: 1 });
  });

  test("does not end with an older submission's settlement, whatever the status", () => {
    const second = [...submitted, declined, pay("s2"), tokenised];
    expect(after([...second, declined]).step).toBe("waiting");
    const declinedAgain = says({ settledSubmissionId: "s2", outcomeKey: "declined-2" });
    expect(after([...second, declinedAgain])).toMatchObject({ step: "editing", usedCards: 2 });
  });

  test("hides the outcome of the attempt before from its first moment", () => {
    expect(after([...submitted, declined]).staleOutcomeKey).toBeNull();
    expect(after([...submitted, declined, pay("s2")]).staleOutcomeKey).toBe("declined-1");
  });

  test("is over at once when the payment is", () => {
    expect(after([...submitted, says({ phase: "done" })]).step).toBe("done");
    expect(after([loaded, pay("s1"), says({ phase: "done" })]).step).toBe("done");
  });

  test("keeps the card while Stripe is being asked, and nothing may be typed", () => {
    const state = after([...submitted, says({ phase: "checking" })]);
    expect(state).toMatchObject({ step: "waiting", usedCards: 0 });
    expect(canEdit(after([loaded, says({ phase: "checking" })]))).toBe(false);
  });

  test("that Stripe refuses to make a PaymentMethod for names its field, and frees the form", () => {
    const refusal: FormEvent = { type: "token_refused", field: "number", message: "Wrong." };
    const state = after([loaded, pay("s1"), refusal]);
    expect(state).toMatchObject({ step: "editing", submissionId: null, usedCards: 0 });
    expect(state.errors.number).toBe("Wrong.");
  });

  test("that never reached Stripe says so outside the fields", () => {
    const refusal: FormEvent = { type: "token_refused", field: null, message: "Offline." };
    expect(after([loaded, pay("s1"), refusal])).toMatchObject({
      step: "editing",
      problem: "Offline.",
      errors: noFieldErrors,
    });
  });

  test("without an answer is never offered again, only looked up; a late answer still counts", () => {
    const overdue = after([...submitted, { type: "no_answer" }]);
    expect(overdue.step).toBe("overdue");
    expect(canEdit(overdue)).toBe(false);
    expect(reduce(overdue, declined).step).toBe("editing");
    expect(reduce(overdue, says({ phase: "done" })).step).toBe("done");
  });

  test("a server that is checking has answered", () => {
    const checking = says({ phase: "checking" });
    expect(after([...submitted, checking, { type: "no_answer" }]).step).toBe("waiting");
  });
});

describe("a press for an order without a PaymentIntent", () => {
  const draft: ServerView = { ...ready, created: false };
  const answers = (server: Partial<ServerView>): FormEvent => ({
    type: "server_changed",
    server: { ...draft, pressId: "s1", ...server },
  });
  const created = answers({ created: true, pressResult: "created" });
  const refusedOrder = answers({ pressResult: "refused" });

  test("waits for the server, then makes a PaymentMethod under the same id", () => {
    expect(after([loaded, pay("s1")], draft)).toMatchObject({ step: "pressing", submissionId: "s1" });
    expect(after([loaded, pay("s1"), created], draft)).toMatchObject({
      step: "tokenising",
      submissionId: "s1",
    });
  });

  test("is not answered by another press's answer, or by a payment from elsewhere", () => {
    const another = answers({ created: true, pressId: "s0", pressResult: "created" });
    expect(after([loaded, pay("s1"), another], draft).step).toBe("pressing");
    expect(after([loaded, pay("s1"), answers({ pressId: null, created: true })], draft).step).toBe(
      "pressing",
    );
  });

  test("that is refused sends no card, keeps what is typed, and moves the focus", () => {
    expect(after([loaded, pay("s1"), refusedOrder], draft)).toMatchObject({
      step: "editing",
      submissionId: null,
      refusals: 1,
      refusedByServer: true,
      usedCards: 0,
    });
  });

  test("with a wrong card never sends it, whatever the server answers", () => {
    const state = after([loaded, pay("s1", wrongNumber), created], draft);
    expect(state).toMatchObject({ step: "editing", refusals: 1, usedCards: 0 });
    expect(state.errors.number).toBe("Wrong.");
  });

  test("without an answer may be pressed again, since no card was sent", () => {
    const state = after([loaded, pay("s1"), { type: "no_answer" }], draft);
    expect(canEdit(state)).toBe(true);
    expect(state.problem).toContain("No card was sent");
    expect(reduce(state, created).step).toBe("editing");
  });

  test("goes straight to the card once the PaymentIntent is there", () => {
    expect(after([loaded, pay("s1")]).step).toBe("tokenising");
    expect(after([loaded, pay("s1", wrongNumber)])).toMatchObject({
      step: "editing",
      refusals: 1,
      refusedByServer: false,
    });
  });

  test("has nothing to do with the payment that takes its place", () => {
    const next: FormEvent = {
      type: "server_changed",
      server: { ...draft, paymentId: "p2" },
    };
    expect(after([...submitted.slice(0, 2), next])).toMatchObject({
      step: "editing",
      submissionId: null,
      usedCards: 0,
    });
  });
});

describe("an action", () => {
  test("of this page's own submission opens by itself, once", () => {
    const state = after([...submitted, needsAction]);
    expect(state).toMatchObject({ step: "authenticating", actionId: "a1" });
    expect(after([...submitted, needsAction, { type: "action_over" }, needsAction]).step).toBe(
      "reporting",
    );
  });

  test("found on return is offered, not opened", () => {
    const state = after([loaded], { ...ready, phase: "action", actionId: "a1" });
    expect(state.step).toBe("offered");
    expect(reduce(state, { type: "open_action" })).toMatchObject({
      step: "authenticating",
      actionId: "a1",
    });
  });

  test("that is still required after the report is offered again", () => {
    const again = says({ phase: "action", actionId: "a2" });
    expect(after([...submitted, needsAction, { type: "action_over" }, again]).step).toBe(
      "offered",
    );
  });

  test("whose report gets no answer is offered again", () => {
    const events = [...submitted, needsAction, { type: "action_over" }, { type: "no_answer" }];
    expect(after(events as FormEvent[]).step).toBe("offered");
  });

  test("that failed gives the form back for another card", () => {
    const failed = says({ settledSubmissionId: "s1", outcomeKey: "failed" });
    expect(after([...submitted, needsAction, { type: "action_over" }, failed])).toMatchObject({
      step: "editing",
      usedCards: 1,
    });
  });

  test("settled elsewhere while the dialog is open ends the wait here", () => {
    expect(after([...submitted, needsAction, says({ phase: "done" })]).step).toBe("done");
    expect(after([...submitted, needsAction, says({})]).step).toBe("editing");
  });
});

describe("always true", () => {
  const slow: FormEvent = { type: "slow" };

  test.each<[string, FormEvent[], boolean]>([
    ["editing", [loaded], false],
    ["tokenising", [loaded, pay("s1")], true],
    ["waiting", submitted, true],
    ["the open dialog, which has words of its own", [...submitted, needsAction], false],
    ["done", [loaded, says({ phase: "done" })], false],
  ])("after a second in %s the person is told: %#", (_step, events, told) => {
    expect(after([...events, slow]).slow).toBe(told);
  });

  test("no sequence of events lets a card be typed while a submission is under way", () => {
    const events: FormEvent[] = [
      loaded,
      { type: "stripe_failed" },
      { type: "load_again" },
      pay("s1"),
      pay("s2", wrongNumber),
      says({ created: false }),
      says({ created: true, pressId: "s1", pressResult: "created" }),
      says({ created: false, pressId: "s1", pressResult: "refused" }),
      says({ paymentId: "p2" }),
      tokenised,
      { type: "token_refused", field: null, message: "" },
      { type: "open_action" },
      { type: "action_over" },
      { type: "no_answer" },
      slow,
      says({}),
      declined,
      needsAction,
      says({ phase: "action", actionId: "a2" }),
      says({ phase: "checking" }),
      says({ phase: "done" }),
    ];
    const seen = new Set<string>();
    const steps = new Set<Step>();
    const walk = (state: FormState, depth: number): void => {
      const key = `${JSON.stringify({ ...state, usedCards: 0, refusals: 0 })} ${depth}`;
      if (depth === 0 || seen.has(key)) {
        return;
      }
      seen.add(key);
      steps.add(state.step);
      expect(canEdit(state) && state.submissionId !== null, key).toBe(false);
      events.forEach((event) => walk(reduce(state, event), depth - 1));
    };
    walk(initialState(ready), 7);
    expect(steps.size).toBe(11);
  });
});
