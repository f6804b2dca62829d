import { inMaildrop } from '../command.ts'
import { message, nothing, optionalMessage } from '../grammar/arguments.ts'
import type { Maildrop } from '../maildrop/maildrop.ts'
import { err, ok } from '../reply.ts'
import { sayLines } from './say-lines.ts'

/** RFC 1939 §5. */
export const stat = inMaildrop({
  parse: nothing,
  run: (_, { stat: { messages, octets } }) => ok('counts', messages, octets),
})

/** RFC 1939 §5. */
export const list = inMaildrop({
  parse: optionalMessage,
  run: (session, maildrop, asked) => {
    if (asked === undefined) {
      const { messages, octets } = maildrop.stat
      const lines = everyMessage(maildrop, (number) => `${number} ${maildrop.size(number)}`)
      return sayLines(session, ok('welcome', messages, octets), lines)
    }
    if (!maildrop.has(asked)) return err(undefined, 'noSuchMessage')
    return ok('counts', asked, maildrop.size(asked))
  },
})

/** RFC 1939 §7. */
export const uidl = inMaildrop({
  parse: optionalMessage,
  run: (session, maildrop, asked) => {
    if (asked === undefined) {
      const { messages, octets } = maildrop.stat
      const lines = everyMessage(maildrop, (number) => `${number} ${maildrop.uniqueId(number)}`)
      return sayLines(session, ok('welcome', messages, octets), lines)
    }
    if (!maildrop.has(asked)) return err(undefined, 'noSuchMessage')
    return ok('counts', asked, maildrop.uniqueId(asked))
  },
})

/** RFC 1939 §5: marked here, removed by QUIT. */
export const dele = inMaildrop({
  parse: message,
  run: (_, maildrop, number) => {
    if (!maildrop.has(number)) return err(undefined, 'noSuchMessage')
    maildrop.delete(number)
    return ok('deleted')
  },
})

/** RFC 1939 §5. */
export const rset = inMaildrop({
  parse: nothing,
  run: (_, maildrop) => {
    maildrop.restore()
    const { messages, octets } = maildrop.stat
    return ok('welcome', messages, octets)
  },
})

function* everyMessage(maildrop: Maildrop, line: (number: number) => string): Generator<string> {
  for (let number = 1; number <= maildrop.count; number++) if (maildrop.has(number)) yield line(number)
}
