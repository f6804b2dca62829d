import type { Address } from '../lib/address.ts'
import type { AccountId } from './accounts.ts'

/** What the web offers to the front, which owns the sockets. Split up, this is HTTP with forwarded headers. */
export interface WebHandler {
  /** Answers every request, mistakes included; a rejection is a bug and becomes a plain 500. */
  fetch(request: Request, client: WebClient): Response | Promise<Response>
  /** The same, of a request for a WebSocket (RFC 6455), which may lead on to an application. Not there: nothing does. */
  lead?(request: Request, client: WebClient): Promise<Response | Onward>
  /** False when whose the WebSocket is may not have it any longer. */
  isStill?(whose: Whose): Promise<boolean>
}

/** What to ask the application that stands behind us. */
export interface Onward {
  readonly kind: 'onward'
  /** `http://…` or `https://…` */
  readonly target: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** Undefined where it is for everybody. */
  readonly whose: Whose | undefined
}

interface Whose {
  readonly account: AccountId
  readonly address: Address
  readonly session: string
  /** Only while he administers everything. */
  readonly asAdmin: boolean
}

/** Who asks, as the socket, the PROXY header or a trusted proxy's header told it. */
export interface WebClient {
  readonly connectionId: string
  readonly ip: string
  /** The address that the request came from: the client's, or that of a proxy in front. */
  readonly peer: string
  /** The request came over TLS, here or at a trusted proxy. */
  readonly secure: boolean
  /** The client is this machine itself: no proxy and no header was believed. */
  readonly loopback: boolean
}
