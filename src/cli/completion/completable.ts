/** What a script knows of a command: its words, its summary, and its long flags with their sentences. */
export interface Completable {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly (readonly [flag: string, help: string])[];
}
