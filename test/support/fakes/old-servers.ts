import type { Duplex } from 'node:stream'
import type { Address } from '../../../src/lib/address.ts'
import { parseOldServer } from '../../../src/lib/old-server.ts'
import type { LoginAttempt, LoginVerdict } from '../../../src/ports/credentials.ts'
import type { OldServers, Passage } from '../../../src/ports/old-servers.ts'
import { account } from '../store.ts'

/** For whoever leads nobody elsewhere. */
export const noOldServers: OldServers = {
  takes: async () => ({ kind: 'no' }),
  enter: async () => ({ kind: 'barred', text: 'There is no old server' }),
}

const away = { kind: 'later', reason: 'unreachable', text: 'The old server is away' } as const

/** Takes `secret`, bars `changed`, is away for `away`; then it answers each line with `old: LINE`, and ends at the line `bye`. */
export const oldServers: OldServers = {
  takes: async ({ password }) => ({ kind: password === 'secret' ? 'yes' : 'no' }),
  enter: async ({ password }) => {
    if (password === 'away') return away
    if (password === 'changed') return { kind: 'barred', text: 'The old server does not take this' }
    return { kind: 'entered', said: 'IMAP4rev1 X-OLD', passage: answering() }
  },
}

function answering(): Passage {
  let end: () => void = () => undefined
  return {
    end: () => end(),
    carry: (client: Duplex, early: Uint8Array) =>
      new Promise((resolve) => {
        let text = ''
        end = () => resolve()
        const heard = (chunk: Uint8Array) => {
          text += Buffer.from(chunk).toString('latin1')
          for (let at = text.indexOf('\r\n'); at >= 0; at = text.indexOf('\r\n')) {
            const line = text.slice(0, at)
            text = text.slice(at + 2)
            client.write(`old: ${line}\r\n`)
            if (line === 'bye') end()
          }
        }
        heard(early)
        client
          .on('data', heard)
          .once('close', () => resolve())
          .resume()
      }),
  }
}

/** `old@home.test` has his mail there still; with `app.token` he has shown something that leads nobody there. */
export function verdictElsewhere({ login, password }: LoginAttempt): LoginVerdict | undefined {
  if (login !== 'old@home.test') return undefined
  const server = parseOldServer('old.example')
  if (!server || password === 'app.token') return { kind: 'refused', reason: 'password-needed-elsewhere' }
  const elsewhere = { server, login, password }
  return { kind: 'accepted', account: account(1), address: login as Address, with: 'password', elsewhere }
}
