import { parseArgs } from 'node:util'

/** What every bench understands; a bench with more reads `rest`. */
export type BenchOptions = {
  readonly a: string
  readonly b: string
  readonly rounds: number
  readonly only: string
  readonly scratch: string
  readonly calmMs: number
  readonly json: string | undefined
  readonly profile: string | undefined
  readonly seconds: number
  readonly messages: number
  readonly connections: number
  readonly pipelining: boolean
  readonly tls: boolean
  /** Words of messages are indexed, which the peer does not do: only for a bench that searches. */
  readonly index?: boolean
  /** Where both sides hand everything on that is not for them; undefined: nowhere. */
  readonly relayTo?: number
  /** `smtp-in`: both sides judge what arrives. */
  readonly filter: boolean
  /** With a filter: the DNS that both ask, a port of this machine. */
  readonly dns?: number
}

export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      a: { type: 'string', default: 'homepost' },
      b: { type: 'string', default: 'peer' },
      rounds: { type: 'string', default: '3' },
      only: { type: 'string', default: '' },
      scratch: { type: 'string', default: '/var/tmp' },
      'calm-ms': { type: 'string', default: '2000' },
      json: { type: 'string' },
      profile: { type: 'string' },
      seconds: { type: 'string', default: '3' },
      messages: { type: 'string', default: '10000' },
      connections: { type: 'string', default: '1000' },
      pipelining: { type: 'boolean', default: false },
      tls: { type: 'boolean', default: false },
      filter: { type: 'boolean', default: false },
    },
  })
  return {
    a: values.a,
    b: values.b,
    rounds: positive('rounds', values.rounds),
    only: values.only,
    scratch: values.scratch,
    calmMs: Number(values['calm-ms']),
    json: values.json,
    profile: values.profile,
    seconds: positive('seconds', values.seconds),
    messages: positive('messages', values.messages),
    connections: positive('connections', values.connections),
    pipelining: values.pipelining,
    tls: values.tls,
    filter: values.filter,
  }
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new Error(`--${name} takes a number above 0, and got "${text}"`)
  return value
}
