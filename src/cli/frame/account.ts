import { accountNumber, optional } from "../../options/readers.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { type CommandOption, option } from "./option.ts";

/** The account of the samples in the documentation. */
const SAMPLE_ACCOUNT = 1234;

/** The option that names an account at Copernica. */
export const accountOption: CommandOption<number | undefined> = option(
  "NUMBER",
  "Your account at Copernica; by default that of COPERNICA_ACCOUNT.",
  optional(accountNumber),
);

/** The account that was given, or that the environment names; undefined if neither is. */
export function givenAccount(given: number | undefined, { environment }: Terminal): number | undefined {
  const named = environment.COPERNICA_ACCOUNT;
  return given ?? (named === undefined || named === "" ? undefined : accountNumber(named, "COPERNICA_ACCOUNT"));
}

/** The account that calls are sent for. */
export function sendingAccount(given: number | undefined, terminal: Terminal): number {
  return givenAccount(given, terminal) ?? SAMPLE_ACCOUNT;
}
