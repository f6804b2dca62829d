import { always, command, everywhere } from '../command.ts'
import { anything, nothing } from '../grammar/arguments.ts'
import { replies } from '../reply.ts'

/** RFC 5321 §4.1.1.5. */
export const rset = command({
  on: everywhere,
  states: always,
  isChore: true,
  parse: nothing,
  run: async (session) => {
    await session.forget()
    return replies.reset
  },
})

/** RFC 5321 §4.1.1.9: an argument is ignored. */
export const noop = command({
  on: everywhere,
  states: always,
  isChore: true,
  parse: anything,
  run: () => replies.noop,
})

/** RFC 5321 §4.1.1.10. */
export const quit = command({
  on: everywhere,
  states: always,
  isChore: false,
  parse: nothing,
  run: async (session) => {
    await session.forget()
    return replies.goodbye
  },
})

/** RFC 5321 §3.5.3, §7.3: answered, and tells nothing about who exists. */
export const vrfy = command({
  on: everywhere,
  states: always,
  isChore: true,
  parse: anything,
  run: () => replies.verify,
})

/** RFC 5321 §4.1.1.8. */
export const help = command({
  on: everywhere,
  states: always,
  isChore: true,
  parse: anything,
  run: () => replies.help,
})

/** EXPN and ETRN: known, and not done here. RFC 5321 §7.3, RFC 1985. */
export const refusedCommand = command({
  on: everywhere,
  states: always,
  isChore: true,
  parse: anything,
  run: () => replies.notOffered,
})
