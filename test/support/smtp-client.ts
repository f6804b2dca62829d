import { onTestFinished } from 'vitest'
import { type Address, parseAddress } from '../../src/lib/address.ts'
import type { Letter } from '../../src/modules/smtp/client/letter.ts'
import {
  type ClientSettings,
  type Entrance,
  type Opened,
  openSession,
  type Session,
} from '../../src/modules/smtp/client/session.ts'
import { standardTimes } from '../../src/modules/smtp/client/settings.ts'
import { systemClock } from '../../src/platform/clock.ts'
import type { EnvelopeRecipient } from '../../src/ports/intake.ts'
import type { Clock } from '../../src/ports/runtime.ts'

export type Heard = { lines: string[]; messages: string[] }

export const address = (text: string): Address => parseAddress(text) ?? bad(text)
export const recipient = (text: string, more: Partial<EnvelopeRecipient> = {}): EnvelopeRecipient => ({
  address: address(text),
  notify: undefined,
  originalRecipient: undefined,
  ...more,
})
export const text = 'Subject: hello\r\n\r\n.dots\r\nbody\r\n'

export function letter(given: Partial<Letter> = {}, message = text): Letter {
  return {
    sender: address('ann@home.test'),
    recipients: [recipient('bob@far.example')],
    size: Buffer.byteLength(message, 'latin1'),
    eightBit: { header: false, body: /[\x80-\xff]/.test(message) },
    smtpUtf8: false,
    requireTls: false,
    envelopeId: undefined,
    returnContent: undefined,
    read: async function* () {
      for (let at = 0; at < message.length; at += 7) yield Buffer.from(message.slice(at, at + 7), 'latin1')
    },
    signAgain: async (_, after) => after,
    ...given,
  }
}

export function settings(given: Partial<ClientSettings> = {}): ClientSettings {
  return { hostname: 'mail.home.test', from: undefined, times: standardTimes, trust: undefined, ...given }
}

export function entrance(port: number, given: Partial<Entrance> = {}): Entrance {
  return {
    host: 'mail.home.test',
    addresses: ['127.0.0.1'],
    port,
    protocol: 'smtp',
    tls: { kind: 'may' },
    implicitTls: false,
    login: undefined,
    ...given,
  }
}

export async function open(
  port: number,
  given: Partial<Entrance> = {},
  rules: Partial<ClientSettings> = {},
  clock: Clock = systemClock,
): Promise<Opened> {
  const opened = await openSession(entrance(port, given), settings(rules), clock)
  if (opened.kind === 'ready') onTestFinished(() => opened.session.talk.end())
  return opened
}

export async function ready(
  port: number,
  given: Partial<Entrance> = {},
  rules: Partial<ClientSettings> = {},
): Promise<Session> {
  const opened = await open(port, given, rules)
  if (opened.kind === 'failed') throw new Error(opened.failure.text)
  return opened.session
}

function bad(what: string): never {
  throw new Error(`not an address: ${what}`)
}
