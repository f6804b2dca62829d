import type { Duplex } from 'node:stream'
import type { OldServer, OldService } from '../lib/old-server.ts'
import type { TryLater } from './runtime.ts'

/** Servers that still have the mail of people who sign in here. Like connections: split up, this is TCP. */
export interface OldServers {
  /** Whether the password opens the account there. Nothing of the connection is kept. */
  takes(signIn: OldSignIn): Promise<{ readonly kind: 'yes' } | { readonly kind: 'no' } | TryLater>
  /** Signs in there, by the protocol that the client speaks here. */
  enter(signIn: OldSignIn, client: PassedClient): Promise<Entered>
}

export interface OldSignIn {
  readonly server: OldServer
  /** Who he is there. */
  readonly login: string
  readonly password: string
}

export interface PassedClient {
  readonly service: OldService
  /** Stands in the log. */
  readonly connection: string
}

export type Entered =
  | {
      readonly kind: 'entered'
      /** What it says on letting us in, one character per octet: of IMAP its capabilities, of the others a text. */
      readonly said: string
      readonly passage: Passage
    }
  /** It does not take this password, or does not speak this protocol; the text is for people. */
  | { readonly kind: 'barred'; readonly text: string }
  | TryLater

/** A connection to an old server on which somebody is signed in. */
export interface Passage {
  /** Carries octets both ways until one side ends. `early` is what the client has said already. Never rejects. */
  carry(client: Duplex, early: Uint8Array): Promise<void>
  /** Ends it as soon as neither side has said anything for a moment. */
  end(): void
}
