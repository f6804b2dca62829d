/** Care of the data folder. */
export interface StoreCare {
  /** Checks every body, row and blob against each other; read-only, in small steps. */
  verify(): Promise<VerifyReport>
  /** A consistent copy of mail.db and the blobs it names, while the server runs. The folder must be empty or new. */
  backup(
    folder: string,
  ): Promise<{ kind: 'done'; messages: number; bytes: number } | { kind: 'refused'; text: string }>
}

export interface VerifyReport {
  readonly accounts: number
  readonly mailboxes: number
  readonly messages: number
  readonly bodies: number
  readonly blobs: number
  /** Each a sentence with ids; empty when all is well. At most 1,000. */
  readonly problems: readonly string[]
}
