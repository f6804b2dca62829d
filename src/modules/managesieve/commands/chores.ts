import { always } from '../command.ts'
import { nothing, optionalString } from '../grammar/arguments.ts'
import { ok } from '../reply.ts'
import { capabilities } from '../session/capabilities.ts'
import { replies } from '../texts.ts'

/** RFC 5804 §2.4. */
export const capability = always({
  parse: nothing,
  run: (session) => {
    for (const line of capabilities(session)) session.out.line(line)
    return replies.done
  },
})

/** RFC 5804 §2.13: what the client said comes back, so that it finds its place in what it hears. */
export const noop = always({
  parse: optionalString,
  run: (_, value) => (value === undefined ? replies.done : ok('Done', { name: 'TAG', value })),
})

/** RFC 5804 §2.3. */
export const logout = always({
  parse: nothing,
  run: (session) => {
    session.over = true
    return replies.goodbye
  },
})
