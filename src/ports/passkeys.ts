import type { AccountId } from './accounts.ts'
import type { Accepted, Refused } from './credentials.ts'
import type { TryLater } from './runtime.ts'
import type { TurnedOn } from './second-factors.ts'

/** WebAuthn Level 3. A passkey is a second factor, and opens the account without the password too: it asks its owner for a PIN or a finger. */
export interface Passkeys {
  /** What `navigator.credentials.create` takes, as JSON (§5.1.8). */
  creation(account: AccountId, site: PasskeySite): Promise<string>
  register(account: AccountId, made: NewPasskey): Promise<TurnedOn | NotRegistered | TryLater>
  /** What `navigator.credentials.get` takes, as JSON (§5.1.9): for whoever has one. */
  request(site: PasskeySite): Promise<string>
  check(shown: ShownPasskey): Promise<Accepted | Refused | TryLater>
}

export interface NewPasskey {
  /** What the browser answered, as JSON. */
  readonly answer: string
  /** What its owner calls it. */
  readonly name: string
  readonly site: PasskeySite
}

/** `refused`: it is none, or was made elsewhere; `too-many`: so many has he. */
export type NotRegistered =
  | { readonly kind: 'refused' }
  | { readonly kind: 'too-many'; readonly most: number }

export interface ShownPasskey {
  readonly answer: string
  readonly site: PasskeySite
  readonly ip: string
  readonly connection: string
}

/** Where the browser stands. */
export interface PasskeySite {
  /** The name that passkeys are bound to. */
  readonly hostname: string
  /** `https://mail.example.org`, as the browser has it. */
  readonly origin: string
}
