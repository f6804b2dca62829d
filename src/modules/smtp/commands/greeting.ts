import { always, command } from '../command.ts'
import { helloName } from '../grammar/arguments.ts'
import type { Reply } from '../reply.ts'
import type { Session } from '../session.ts'

/** RFC 5321 §4.1.1.1. */
export const ehlo = command({
  on: ['arriving', 'submission'],
  states: always,
  isChore: true,
  parse: helloName,
  run: (session, name) => greetExtended(session, 'EHLO', name),
})

/** RFC 2033 §4.1. */
export const lhlo = command({
  on: ['lmtp'],
  states: always,
  isChore: true,
  parse: helloName,
  run: (session, name) => greetExtended(session, 'LHLO', name),
})

export const helo = command({
  on: ['arriving', 'submission'],
  states: always,
  isChore: true,
  parse: helloName,
  run: async (session, name): Promise<Reply> => {
    await session.greet('HELO', name)
    return { code: 250, status: undefined, text: session.server.settings.hostname }
  },
})

async function greetExtended(session: Session, verb: 'EHLO' | 'LHLO', name: string): Promise<Reply> {
  const { offered } = await session.greet(verb, name)
  return { code: 250, status: undefined, text: [session.server.settings.hostname, ...offered.lines] }
}
