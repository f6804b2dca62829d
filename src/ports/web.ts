/** What the web offers to the front, which owns the sockets. Split up, this is HTTP with forwarded headers. */
export interface WebHandler {
  /** Answers every request, mistakes included; a rejection is a bug and becomes a plain 500. */
  fetch(request: Request, client: WebClient): Response | Promise<Response>
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
