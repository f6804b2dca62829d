import type { Checked } from '../language/spec.ts'

/** What a compiled script is made of: plain data. */
export interface Program {
  /** The first is the script itself, the others those that it includes. */
  readonly scripts: readonly ProgramScript[]
}

export interface ProgramScript {
  readonly name: string
  readonly block: readonly Checked[]
}

/** Rises with every change of `Checked` or of what it means. */
export const programFormat = 1
