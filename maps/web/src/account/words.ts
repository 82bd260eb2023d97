import { createTranslator } from "@keepclear/shared/i18n";
import { FORMAT_NAMES, type Format } from "../data/exports";
import { en } from "./en";
import { zh } from "./zh";

export const t = createTranslator(zh, { en });

const REFUSALS = ["offline", "conflict", "own_account", "wrong_password", "wrong_code", "locked", "name", "broker_away"] as const;
export const ROLES = [
  "supervisor", "team_lead", "reviewer_1", "reviewer_2", "reviewer_3", "zone_editor", "privacy_officer", "administrator", "visitor",
] as const;
const DEEDS = [
  "account_added", "password_set", "rights_changed", "account_activated", "account_deactivated", "password_link_made",
  "sessions_ended", "totp_dropped", "team_added", "team_renamed", "visitor_moved", "visitor_named", "identity_bound", "identity_forgotten", "device_revoked",
  "password_changed", "totp_on", "totp_off", "device_enrolled", "visitor_added", "visitor_renamed", "consent_recorded", "consent_withdrawn",
] as const;

export const refusalText = (code: string): string => t(`refused_${REFUSALS.find((each) => each === code) ?? "other"}`);

/** A role's name; a role that this page does not know yet is shown as it is. */
export function roleText(role: string): string {
  const known = ROLES.find((each) => each === role);
  return known ? t(`role_${known}`) : role;
}

export function deedText(what: string): string {
  const known = DEEDS.find((each) => each === what);
  return known ? t(`deed_${known}`) : what;
}

const EXPORTED = /^(.*) \(export: (\w+)(?:; (.+))?\)$/s;
/** What a look was for; tracker/past/track_exports.py says behind it that it was an export. */
export function purposeText(purpose: string): string {
  const [, own = "", code = "", who] = EXPORTED.exec(purpose) ?? [];
  if (code === "") return purpose;
  const form = FORMAT_NAMES[code as Format] ?? code;
  return who === undefined ? t("lookExport", { purpose: own, form }) : t("lookExportWith", { purpose: own, form, who });
}

export const PLATFORMS = ["android", "ios", "browser"] as const;
const PLATFORM_NAMES: Record<string, string> = { android: "Android", ios: "iOS" };
export const platformText = (platform: string): string => PLATFORM_NAMES[platform] ?? (platform === "browser" ? t("browser") : platform);
