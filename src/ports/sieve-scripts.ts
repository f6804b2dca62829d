import type { AccountId } from './accounts.ts'
import type { TryLater } from './runtime.ts'
import type { CompiledSieve, SieveCompiled, SieveLibraryScript, SieveProblem } from './sieve.ts'

/** Whose scripts: a person's, or the server's own, which `include :global` reaches. */
export type ScriptOwner = AccountId | 'server'

/**
 * The scripts of all owners, as people and programs work with them: nothing is stored or made active that does not compile
 * beside the owner's other scripts. Names are compared in NFC, octet by octet.
 */
export interface SieveScripts {
  /** By name. */
  list(owner: ScriptOwner): Promise<readonly ScriptEntry[]>
  /** The text as it was put. */
  get(owner: ScriptOwner, name: string): Promise<string | undefined>
  /** As `put` would check it; keeps nothing. */
  check(owner: ScriptOwner, name: string, text: string): Promise<ScriptChecked>
  /** The same with the program, to be tried on mail. */
  compile(owner: ScriptOwner, name: string, text: string): Promise<SieveCompiled | ScriptTooLarge>
  /** Whether a script of so many octets could be put under this name. RFC 5804 §2.5. */
  room(
    owner: ScriptOwner,
    name: string,
    bytes: number,
  ): Promise<{ kind: 'room' } | ScriptNameRefused | NoRoom>
  /** Replaces one of the same name, which stays active where it was. */
  put(
    owner: ScriptOwner,
    name: string,
    text: string,
  ): Promise<
    | { kind: 'stored'; warnings: readonly SieveProblem[] }
    | ScriptRefused
    | ScriptNameRefused
    | NoRoom
    | { kind: 'no-account' }
    | TryLater
  >
  /** At most one is active. The server's are never active: they are included. */
  activate(
    owner: AccountId,
    name: string,
  ): Promise<
    { kind: 'active'; warnings: readonly SieveProblem[] } | ScriptRefused | { kind: 'missing' } | TryLater
  >
  /** None is active from now on. */
  deactivate(owner: AccountId): Promise<{ kind: 'done' } | TryLater>
  /** An active script stays active. RFC 5804 §2.11.1. */
  rename(
    owner: ScriptOwner,
    from: string,
    to: string,
  ): Promise<{ kind: 'renamed' } | { kind: 'missing' } | { kind: 'exists' } | ScriptNameRefused | TryLater>
  /** Never the active one. */
  remove(
    owner: ScriptOwner,
    name: string,
  ): Promise<{ kind: 'removed' } | { kind: 'missing' } | { kind: 'active' } | TryLater>
  /** What filters the owner's mail, ready to be evaluated; kept until one of the scripts changes. */
  active(owner: AccountId): Promise<ActiveScript>
}

export type ActiveScript =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'script'
      readonly name: string
      /** Rises with every change of any script that it may include, and of itself. */
      readonly revision: number
      readonly script: CompiledSieve
      readonly warnings: readonly SieveProblem[]
    }
  /** It compiled once: an included script was changed since, or it came with an import. The message is kept. */
  | {
      readonly kind: 'broken'
      readonly name: string
      readonly revision: number
      readonly errors: readonly SieveProblem[]
    }

export interface ScriptEntry {
  readonly name: string
  readonly bytes: number
  readonly active: boolean
  /** UTC milliseconds. */
  readonly changedAt: number
}

export type ScriptChecked =
  | { readonly kind: 'good'; readonly warnings: readonly SieveProblem[] }
  | ScriptRefused
  | ScriptTooLarge

export interface ScriptRefused {
  readonly kind: 'refused'
  readonly errors: readonly SieveProblem[]
  readonly warnings: readonly SieveProblem[]
}

/** RFC 5804 §1.6: empty, with control characters, or longer than this server keeps. */
type ScriptNameRefused = { readonly kind: 'bad-name' }

export type NoRoom =
  | ScriptTooLarge
  | { readonly kind: 'too-many'; readonly most: number }
  /** All scripts of the owner together. */
  | { readonly kind: 'too-much'; readonly mostBytes: number }

type ScriptTooLarge = { readonly kind: 'too-large'; readonly mostBytes: number }

/** Where scripts are kept. Knows nothing of their language; whoever writes here has checked what must be checked. */
export interface ScriptStore {
  /** All entries of the owner, by name, as they are at one moment. */
  entries(owner: ScriptOwner): Promise<readonly ScriptEntry[]>
  text(owner: ScriptOwner, name: string): Promise<string | undefined>
  /** All that the owner's active script may reach, at one moment. The revision rises with every change of any of it. */
  shelf(owner: ScriptOwner): Promise<ScriptShelf>
  /** The revision of the shelf, and whether there is an active script at all. */
  revision(owner: ScriptOwner): Promise<{ readonly revision: number; readonly hasActive: boolean }>
  put(
    owner: ScriptOwner,
    script: { readonly name: string; readonly text: string },
    limits: ScriptLimits,
  ): Promise<{ kind: 'stored' } | NoRoom | { kind: 'no-account' } | TryLater>
  /** `undefined`: none. */
  setActive(
    owner: ScriptOwner,
    name: string | undefined,
  ): Promise<{ kind: 'done' } | { kind: 'missing' } | TryLater>
  rename(
    owner: ScriptOwner,
    from: string,
    to: string,
  ): Promise<{ kind: 'renamed' } | { kind: 'missing' } | { kind: 'exists' } | TryLater>
  remove(
    owner: ScriptOwner,
    name: string,
  ): Promise<{ kind: 'removed' } | { kind: 'missing' } | { kind: 'active' } | TryLater>
}

export interface ScriptLimits {
  readonly scripts: number
  readonly scriptBytes: number
  /** All scripts of an owner together. */
  readonly bytes: number
}

export interface ScriptShelf {
  readonly revision: number
  readonly active: { readonly name: string; readonly text: string } | undefined
  /** The owner's own scripts, and the server's. */
  readonly library: readonly SieveLibraryScript[]
}
