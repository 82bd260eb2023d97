import { createTranslator } from "@keepclear/shared/i18n";
import { en } from "./en";
import { zh } from "./zh";

export const t = createTranslator(zh, { en });
