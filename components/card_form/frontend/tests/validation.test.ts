import { describe, expect, test } from "vitest";

import {
  check,
  fieldOfErrorCode,
  firstInvalid,
  noFieldErrors,
  staffMessage,
  untouched,
  type Field,
} from "../src/fields/validation";

const complete = { complete: true, error: null };
const card = { number: complete, expiry: complete, cvc: complete };
const wrong = { complete: false, error: "Your card number is invalid." };

describe("what may go to Stripe", () => {
  test("a complete card with a name, with a postal code or without one", () => {
    expect(check(card, "Card Holder", "SW1A 1AA")).toEqual(noFieldErrors);
    expect(check(card, "Card Holder", "")).toEqual(noFieldErrors);
  });

  test.each<[string, Field, string, Parameters<typeof check>]>([
    ["no number", "number", "Enter the full card number", [{ ...card, number: untouched }, "Ada", ""]],
    ["a wrong number", "number", "invalid", [{ ...card, number: wrong }, "Ada", ""]],
    ["no expiry date", "expiry", "Enter the expiry date", [{ ...card, expiry: untouched }, "Ada", ""]],
    ["no security code", "cvc", "Enter the security code", [{ ...card, cvc: untouched }, "Ada", ""]],
    ["no name", "name", "Enter the name", [card, "  ", ""]],
    ["a card number as name", "name", "card number", [card, "4242 4242 4242 4242", ""]],
    ["a card number as postal code", "postalCode", "card number", [card, "Ada", "424242424242"]],
    ["an endless name", "name", "200 characters or fewer", [card, "A".repeat(201), ""]],
  ])("not: %s", (_what, field, words, given) => {
    const errors = check(...given);
    expect(errors[field]).toContain(words);
    expect(firstInvalid(errors)).toBe(field);
  });

  test("the first field in reading order is the one to go to", () => {
    expect(firstInvalid(check({ ...card, expiry: untouched }, "", ""))).toBe("expiry");
  });
});

describe("Stripe's errors", () => {
  test("are put into words for staff, not for the cardholder", () => {
    expect(staffMessage("invalid_number", "Your card number is invalid.")).toBe(
      "Check the card number",
    );
    expect(staffMessage("brand_new", "Stripe's own words")).toBe("Stripe's own words");
    expect(staffMessage(undefined, "Stripe's own words")).toBe("Stripe's own words");
  });

  test.each<[string | undefined, Field | null]>([
    ["incorrect_number", "number"],
    ["invalid_expiry_year_past", "expiry"],
    ["invalid_expiry_month", "expiry"],
    ["incorrect_cvc", "cvc"],
    ["incorrect_zip", "postalCode"],
    ["rate_limit", null],
    [undefined, null],
  ])("%s belongs to %s", (code, field) => {
    expect(fieldOfErrorCode(code)).toBe(field);
  });
});
