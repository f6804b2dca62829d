import type { AccountId } from './accounts.ts'
import type { ScriptChecked } from './sieve-scripts.ts'

/** It does not compile, or is larger than any script that is kept. */
type NoScript = Exclude<ScriptChecked, { kind: 'good' }>

/** Rules tried and explained. Nothing here changes or sends anything. */
export interface RuleTrials {
  /** What the server does with the account's mail before its own script runs, and with what that leaves, as the Sieve that runs. Undefined where it is unknown. */
  serverRules(
    account: AccountId,
  ): Promise<{ readonly before: string; readonly after: string | undefined } | undefined>
  /** What a script would do with one message that comes now. */
  test(trial: Trial): Promise<Tried>
  /** What a script would have done otherwise than the rules that are active, with the newest messages that are kept. */
  rehearse(account: AccountId, script: string, last: number): Promise<Rehearsed>
}

interface Trial {
  /** Whose folders and settings it meets; undefined: nobody's, and every folder is there. */
  readonly account: AccountId | undefined
  readonly script: string
  /** From its first octet. */
  readonly message: Uint8Array
  /** The envelope; '' is the null reverse-path. Undefined is read from the message. */
  readonly sender: string | undefined
  readonly recipient: string | undefined
  /** 0 to 100. */
  readonly spamPercent: number
}

export type Tried =
  | {
      readonly kind: 'tried'
      /** What becomes of it, each with the rule and the line that said so. */
      readonly steps: readonly string[]
      /** Messages that would be sent, whole. */
      readonly sends: readonly string[]
    }
  | NoScript
  | { readonly kind: 'unknown' }

type Rehearsed =
  | {
      readonly kind: 'rehearsed'
      /** How many messages were looked at. */
      readonly looked: number
      /** The newest first. */
      readonly differing: readonly Differing[]
    }
  | NoScript
  | { readonly kind: 'unknown' }

export interface Differing {
  /** Where it lies. */
  readonly mailbox: string
  readonly uid: number
  readonly receivedAt: number
  readonly from: string
  readonly subject: string
  /** What the active rules do with it, in few words, and what the script would do. */
  readonly active: readonly string[]
  readonly script: readonly string[]
  /** Each step with its line. */
  readonly steps: readonly string[]
}
