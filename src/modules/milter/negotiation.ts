import type { Wire } from './wire.ts'

const version = 6

/** What a filter may do with a message here. Rspamd claims more than it is offered, and uses it hardly ever: only then it has failed. */
const actions = { addFields: 0x01, changeFields: 0x10, quarantine: 0x20 }

/** What a filter may do without: a bit each. */
const steps = {
  connect: 0x01,
  hello: 0x02,
  sender: 0x04,
  recipient: 0x08,
  body: 0x10,
  fields: 0x20,
  endOfHeader: 0x40,
  data: 0x200,
} as const

/** What it need not answer. */
const unanswered: Readonly<Record<Step, number>> = {
  connect: 0x1000,
  hello: 0x2000,
  sender: 0x4000,
  recipient: 0x8000,
  data: 0x10000,
  fields: 0x80,
  endOfHeader: 0x40000,
  body: 0x80000,
}
/** It may say that it has seen enough of the body. */
const skipping = 0x400
/** It wants the blank behind a field's colon. */
const leadingBlank = 0x100000

export type Step = keyof typeof steps

/** What was agreed upon. */
export interface Agreed {
  wants(step: Step): boolean
  answers(step: Step): boolean
  readonly keepsBlank: boolean
}

/** SMFIC_OPTNEG: what we offer, and what the filter takes of it. */
export async function negotiate(wire: Wire): Promise<Agreed> {
  await wire.say('O', numbers(version, sum(actions), sum(steps) + sum(unanswered) + skipping + leadingBlank))
  const { letter, content } = await wire.hear()
  if (letter !== 'O' || content.length < 12) throw new Error('it does not negotiate')
  const protocol = content.readUInt32BE(8)
  return {
    wants: (step) => (protocol & steps[step]) === 0,
    answers: (step) => (protocol & unanswered[step]) === 0,
    keepsBlank: (protocol & leadingBlank) !== 0,
  }
}

const sum = (bits: Readonly<Record<string, number>>): number =>
  Object.values(bits).reduce((all, bit) => all + bit, 0)

function numbers(...values: readonly number[]): Buffer {
  const octets = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) octets.writeUInt32BE(value, index * 4)
  return octets
}
