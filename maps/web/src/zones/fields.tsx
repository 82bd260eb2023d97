// Parts of forms: a field under its label with what is wrong with it, and choices of which one counts.
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { RowProblem } from "./model";
import { findingText } from "./words";

/** What the server says is wrong with a field. */
export function Wrong({ problems, field, id }: { problems: RowProblem[]; field: string; id?: string }) {
  const found = problems.filter((each) => each.field === field);
  return found.length > 0 && <p class="wrong" role="alert" id={id}>{found.map(findingText).join(" ")}</p>;
}

interface FieldProps {
  label: string; value: string; onInput: (value: string) => void; problems?: RowProblem[]; field?: string; hint?: string | undefined; required?: boolean;
  type?: "text" | "number" | "time" | "date"; inputMode?: "decimal"; min?: number; max?: number; maxLength?: number; disabled?: boolean; placeholder?: string; list?: string;
}

export function Field({ label, value, onInput, problems = [], field = "", hint, ...input }: FieldProps) {
  const id = useId();
  const isWrong = problems.some((each) => each.field === field && field !== "");
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id} value={value} onInput={(event) => onInput(event.currentTarget.value)} aria-invalid={isWrong || undefined}
        aria-describedby={isWrong ? `${id}-wrong` : hint ? `${id}-hint` : undefined} autocomplete="off" {...(input as object)}
      />
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
      {field && <Wrong problems={problems} field={field} id={`${id}-wrong`} />}
    </div>
  );
}

export function Area({ label, value, onInput, hint, rows = 3, mono = false, ...more }: { label: string; value: string; onInput: (value: string) => void; hint?: string; rows?: number; mono?: boolean; placeholder?: string; required?: boolean; maxLength?: number }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea id={id} rows={rows} class={mono ? "is-mono" : ""} value={value} spellcheck={!mono} onInput={(event) => onInput(event.currentTarget.value)} {...(more as object)} />
      {hint && <p class="hint">{hint}</p>}
    </div>
  );
}

export function Select<V extends string>({ label, value, onChange, options }: { label: string; value: V; onChange: (value: V) => void; options: [V, string][] }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value as V)}>
        {options.map(([key, text]) => <option key={key} value={key}>{text}</option>)}
      </select>
    </div>
  );
}

export function Check({ label, checked, onChange, hint }: { label: string; checked: boolean; onChange: (checked: boolean) => void; hint?: string }) {
  return (
    <label class="tick">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>{label}{hint && <small>{hint}</small>}</span>
    </label>
  );
}

/** A part of a form under its name. */
export function Group({ legend, children }: { legend: string; children: ComponentChildren }) {
  return <fieldset class="group"><legend>{legend}</legend>{children}</fieldset>;
}
