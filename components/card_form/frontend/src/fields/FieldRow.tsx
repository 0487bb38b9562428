/** One labelled field with its error underneath. */
import type { ReactNode } from "react";

import { fieldLabels, type Field } from "./validation";

interface RowProps {
  field: Field;
  /** The form's own id, from which those of the field and its error are made. */
  id: string;
  error: string | null;
  onFocus: (field: Field) => void;
}

export function FieldRow(props: RowProps & { children: ReactNode }): JSX.Element {
  const { field, id, error, onFocus, children } = props;
  const inputId = `${id}-${field}`;
  return (
    <div className="cardpay-field" data-invalid={error !== null}>
      {/* Stripe names its own inputs; this label only shows, and focuses when it is clicked. */}
      <label htmlFor={inputId} onClick={() => onFocus(field)}>
        {fieldLabels[field]}
      </label>
      {/* The Element fills less than the box that is drawn around it. */}
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
        // A caller's details must not end in the browser's own address book.
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
