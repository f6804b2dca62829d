import type { Duplex } from 'node:stream'

/** What a protocol offers to the front, which owns every public socket. Split up, this is TCP with the PROXY protocol. */
export interface ConnectionHandler {
  /** Serves one client to its end; never rejects. The socket is closed by whoever sees its end first. */
  serve(connection: Connection): Promise<void>
  /** Tells every session that the server goes away (421, `* BYE`) and resolves when the running commands are done. */
  drain(): Promise<void>
}

export interface Connection {
  /** Short and unique in the log: follows everything this client does. */
  readonly id: string
  readonly stream: Duplex
  /** The client as the PROXY header told it, or as the socket did. IPv4-mapped addresses are IPv4. */
  readonly ip: string
  readonly port: number
  /** Which listener took it: `smtp`, `submissions`, `submission`, `imap`, `imaps`, `lmtp` … */
  readonly listener: ListenerName
  /** Undefined on plain connections. */
  readonly tls: TlsFacts | undefined
  /** False where no certificate is there, or TLS is on already. */
  readonly mayStartTls: boolean
  /**
   * Upgrades this connection; call it after the go-ahead reply was flushed. What the client sent in clear text behind the
   * command is thrown away (RFC 3207 §6: command injection). Rejects when the handshake fails or takes too long.
   */
  startTls(): Promise<Connection>
  /** For SCRAM-SHA-256-PLUS: `tls-exporter` (RFC 9266), `tls-server-end-point` (RFC 5929). Undefined where there is none of that type. */
  channelBinding(type: string): Uint8Array | undefined
}

export interface TlsFacts {
  /** As OpenSSL says it: `TLSv1.3`. */
  readonly protocol: string
  readonly cipher: string
  readonly serverName: string | undefined
}

export type ListenerName =
  | 'smtp'
  | 'submission'
  | 'submissions'
  | 'lmtp'
  | 'imap'
  | 'imaps'
  | 'pop3'
  | 'pop3s'
  | 'sieve'
  | 'http'
  | 'https'
  | 'attached-imap'
  | 'attached-submission'
  | 'attached-sieve'
  | 'antispam'
