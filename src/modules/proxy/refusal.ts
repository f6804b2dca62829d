import type { ListenerName } from '../../ports/connection.ts'

/** Why a connection is not served. */
export type Refusal = 'full' | 'crowded' | 'too-fast' | 'draining'

const words: Readonly<Record<Refusal, string>> = {
  full: 'Too many connections',
  crowded: 'Too many connections from your network',
  'too-fast': 'Too many new connections',
  draining: 'Service is going down',
}

/** What a client is told in its own protocol before the door closes. Under TLS it would cost a handshake: nothing is said. */
const lines: Readonly<Record<ListenerName, (text: string, hostname: string) => string>> = {
  smtp: smtpLine,
  submission: smtpLine,
  submissions: smtpLine,
  lmtp: smtpLine,
  // RFC 9051 §7.1.5, RFC 5530 §3
  imap: imapLine,
  imaps: imapLine,
  // RFC 3206 §4
  pop3: popLine,
  pop3s: popLine,
  // RFC 5804 §1.3
  sieve: sieveLine,
  http: httpAnswer,
  https: httpAnswer,
  antispam: httpAnswer,
  'attached-imap': imapLine,
  'attached-submission': smtpLine,
  'attached-sieve': sieveLine,
}

export function refusalLine(listener: ListenerName, why: Refusal, hostname: string): string {
  return lines[listener](words[why], hostname)
}

// RFC 5321 §3.8: 421 before the greeting says that the service is not available
function smtpLine(text: string, hostname: string): string {
  return `421 4.7.0 ${hostname} ${text}, try again later\r\n`
}

function imapLine(text: string): string {
  return `* BYE [UNAVAILABLE] ${text}, try again later\r\n`
}

function sieveLine(text: string): string {
  return `BYE (TRYLATER) "${text}, try again later"\r\n`
}

function popLine(text: string): string {
  return `-ERR [SYS/TEMP] ${text}, try again later\r\n`
}

function httpAnswer(text: string): string {
  const body = `${text}, try again later\n`
  const head = [
    'HTTP/1.1 503 Service Unavailable',
    'Content-Type: text/plain',
    `Content-Length: ${body.length}`,
  ]
  return `${[...head, 'Retry-After: 30', 'Connection: close'].join('\r\n')}\r\n\r\n${body}`
}
