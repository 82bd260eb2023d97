interface FieldProps {
  name: string;
  label: string;
  type?: "text" | "password";
  autocomplete?: string;
  autocapitalize?: "none";
  inputMode?: "numeric";
  minLength?: number;
  maxLength?: number;
  value?: string;
}

/** An input that must be filled in, under its label. */
export function Field({ label, value, ...input }: FieldProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <input required maxLength={1024} defaultValue={value} {...(input as object)} />
    </label>
  );
}

/** A form's values by name, instead of the browser's own sending. */
export function fieldsOf(event: SubmitEvent): { form: HTMLFormElement; values: Record<string, string> } {
  event.preventDefault();
  const form = event.target as HTMLFormElement;
  return { form, values: Object.fromEntries(new FormData(form)) as Record<string, string> };
}

/** A name that can be chosen or not. */
export function Check({ name, value, label, checked }: { name: string; value: string; label: string; checked: boolean }) {
  return (
    <label class="check">
      <input type="checkbox" name={name} value={value} defaultChecked={checked} />
      <span>{label}</span>
    </label>
  );
}
