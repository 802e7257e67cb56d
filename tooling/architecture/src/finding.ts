/** One broken rule, where, and what to do instead. */
export interface Finding {
  readonly rule: string;
  readonly where: string;
  readonly advice: string;
}
