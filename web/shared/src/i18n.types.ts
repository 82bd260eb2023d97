// Checked by the compiler alone: a translation that isn't complete must not build.
import { createTranslator, translate } from "./i18n";

const source = { greeting: "你好，{name}", bye: "再见" } as const;

const complete = translate(source)({ greeting: "Hello, {name}", bye: "Bye" });

// @ts-expect-error A key is missing.
translate(source)({ greeting: "Hello, {name}" });
// @ts-expect-error A key too many.
translate(source)({ greeting: "Hello, {name}", bye: "Bye", extra: "!" });
// @ts-expect-error A placeholder is missing.
translate(source)({ greeting: "Hello", bye: "Bye" });
// @ts-expect-error A placeholder that the source doesn't have.
translate(source)({ greeting: "Hello, {name}", bye: "Bye, {name}" });

const t = createTranslator(source, { en: complete });
t("greeting", { name: "王芳" });
t("bye");
// @ts-expect-error The value of a placeholder is missing.
t("greeting");
// @ts-expect-error There is no such key.
t("unknown");
