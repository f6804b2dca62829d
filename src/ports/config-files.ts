import type { Address } from '../lib/address.ts'

/** The directory as a file in Mailu's format: `config-export`, `config-import`. */
export interface ConfigFiles {
  /** YAML, with hashes of passwords. */
  export(asked: {
    /** Also what has its standard value. */
    readonly full: boolean
    /** DKIM keys and passwords of fetched accounts, too. */
    readonly secrets: boolean
  }): Promise<string>
  /** All of it or nothing. */
  import(file: {
    /** YAML or JSON. */
    readonly text: string
    /** What the file does not name is deleted, users with their mail; otherwise it stays. */
    readonly replaces: boolean
    readonly dryRun: boolean
    readonly actor: Address
  }): Promise<ConfigImported>
}

type ConfigImported =
  | {
      readonly kind: 'imported'
      /** What was changed, or would be: a line each. */
      readonly lines: readonly string[]
      readonly summary: string
    }
  | { readonly kind: 'refused'; readonly mistakes: readonly string[] }
