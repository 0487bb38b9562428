/** One field with its label above and its error below. */
import type { ReactNode } from "react";

import { fieldLabels, type Field } from "./validation";

interface RowProps {
  field: Field;
  /** The form's id, from which the ids of the field and its error are derived. */
  id: string;
  error: string | null;
  onFocus: (field: Field) => void;
}

export function FieldRow(props: RowProps & { children: ReactNode }): JSX.Element {
  const { field, id, error, onFocus, children } = props;
  const inputId = `${id}-${field}`;
  return (
    <div className="cardpay-field" data-invalid={error !== null}>
      {/* Stripe labels the input in its iframe. This label is for sighted users and clicks. */}
      <label htmlFor={inputId} onClick={() => onFocus(field)}>
        {fieldLabels[field]}
      </label>
      {/* The Element is smaller than the box drawn around it, so the box takes clicks too. */}
      <div aria-describedby={`${inputId}-error`} onClick={() => onFocus(field)}>
        {children}
      </div>
      <p id={`${inputId}-error`} className="cardpay-error">
        {error}
      </p>
    </div>
  );
}

interface TextProps extends RowProps {
  field: "name" | "postalCode";
  value: string;
  readOnly: boolean;
  onText: (value: string) => void;
}

export function TextField({ value, readOnly, onText, ...row }: TextProps): JSX.Element {
  const inputId = `${row.id}-${row.field}`;
  return (
    <FieldRow {...row}>
      <input
        type="text"
        id={inputId}
        data-field={row.field}
        className="cardpay-box"
        // The browser must not save a caller's details.
        autoComplete="off"
        readOnly={readOnly}
        aria-invalid={row.error !== null}
        aria-describedby={`${inputId}-error`}
        value={value}
        onChange={(event) => onText(event.target.value)}
      />
    </FieldRow>
  );
}
