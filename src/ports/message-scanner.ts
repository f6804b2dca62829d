import type { MessageRef } from './message.ts'

/** Looks for what harms whoever opens it: viruses and macros. ClamAV and oletools in Mailu. */
export interface MessageScanner {
  /** `id` is the arrival's, for the log. */
  scan(id: string, message: MessageRef): Promise<Scan>
}

export type Scan =
  | { readonly kind: 'clean' }
  /** What was found, and in which part: a file name, or undefined where it is the message as a whole. */
  | ({ readonly kind: 'found'; readonly part: string | undefined } & Harm)
  /** Nobody knows: the scanner is away, or did not come to an end. `why` is for the log. */
  | { readonly kind: 'failed'; readonly why: string }

type Harm =
  | { readonly what: 'virus'; readonly name: string }
  | { readonly what: 'macro'; readonly name: string }
